import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { examples, run } from './command';
import { newProject } from './new-project';

export function initCommand(): Command {
  return new Command('init')
    .description('Create a project: a stack with one service, its test, and a workflow for CI')
    .argument('[dir]', 'directory of the project', '.')
    .option('--cdktn', 'synthesize with cdktn, the successor of cdktf')
    .addHelpText(
      'after',
      examples([
        ['npx bulkhead init hello', 'in a new directory'],
        ['npx bulkhead init', 'in this directory; overwrites no file'],
        ['npx bulkhead init --cdktn hello', 'the same project for cdktn'],
      ]),
    )
    .action((dir: string, { cdktn }: { readonly cdktn?: true }) =>
      run({ color: true }, async ({ terminal }) => {
        const directory = resolve(dir);
        const files = await newProject(directory, cdktn ? 'cdktn' : 'cdktf');
        terminal.print(`Created ${files.join(', ')}.`, '', 'Next:', ...nextSteps(relative('.', directory)));
        return 0;
      }),
    );
}

function nextSteps(directory: string): string[] {
  const steps: (readonly [command: string, meaning?: string])[] = [
    ['npm install'],
    ['npm test'],
    ['npx bulkhead lab up', 'a host to practise on, needs root; or set the address of yours in main.ts'],
    ['npx bulkhead apply', 'shows what will be done, and asks'],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, meaning]) => (meaning ? `${command.padEnd(width)}  # ${meaning}` : command));
  return [...(directory ? [`cd ${directory}`] : []), ...lines].map((line) => `  ${line}`);
}

import { Argument, Command } from 'commander';
import { examples } from './command';
import { completionScript, SHELLS, type Shell } from './completion';
import { completionSpecs } from './completion-spec';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and names of stacks in a shell')
    .addArgument(new Argument('<shell>', 'the shell that it is for').choices(SHELLS))
    .addHelpText(
      'after',
      examples([
        ['source <(bulkhead completion bash)', 'a line for ~/.bashrc'],
        ['source <(bulkhead completion zsh)', 'a line for ~/.zshrc, after compinit'],
        ['bulkhead completion fish | source', 'a line for config.fish'],
      ]),
    )
    .action((shell: Shell, _: unknown, command: Command) => {
      process.stdout.write(completionScript(shell, completionSpecs(command.parent ?? command)));
    });
}

import { Argument, Command } from 'commander';
import { examples } from './command';
import { completionScript, SHELLS, type Shell } from './completion';
import { completionSpecs } from './completion-spec';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a shell script that completes commands, options and names of stacks')
    .addArgument(new Argument('<shell>', 'name of the shell').choices(SHELLS))
    .addHelpText(
      'after',
      examples([
        ['source <(bulkhead completion bash)', 'for ~/.bashrc'],
        ['source <(bulkhead completion zsh)', 'for ~/.zshrc, after compinit'],
        ['bulkhead completion fish | source', 'for config.fish'],
      ]),
    )
    .action((shell: Shell, _: unknown, command: Command) => {
      process.stdout.write(completionScript(shell, completionSpecs(command.parent ?? command)));
    });
}

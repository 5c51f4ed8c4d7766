import { Command } from 'commander';
import { change } from './change';
import {
  type ApprovalOptions,
  bundleRequest,
  examples,
  run,
  withApprovalOption,
  withBundleOptions,
  withOutputOptions,
} from './command';

export function destroyCommand(): Command {
  return withOutputOptions(withApprovalOption(withBundleOptions(new Command('destroy'))))
    .description('Remove all services of the stacks from their hosts, with their files, units and images')
    .addHelpText(
      'after',
      examples([
        ['bulkhead destroy', 'shows what will be removed, and asks'],
        ['bulkhead destroy shop --auto-approve', 'for a script'],
      ]),
    )
    .action((stacks: string[], options: ApprovalOptions) =>
      run(options, (context) => {
        const words = {
          command: 'destroy',
          goal: 'removed',
          question: 'Destroy these services?',
          doing: 'destroying',
          done: 'Destroyed',
          verified: 'nothing is left of them, except for data in volumes and state directories',
        } as const;
        return change(words, bundleRequest(stacks, options), options, context);
      }),
    );
}

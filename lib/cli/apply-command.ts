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
  withTagsOption,
} from './command';

export function applyCommand(): Command {
  return withOutputOptions(withTagsOption(withApprovalOption(withBundleOptions(new Command('apply')))))
    .description('Create, update and repair the services on their hosts, and destroy services that left the program')
    .addHelpText(
      'after',
      examples([
        ['bulkhead apply', 'shows the plan and asks'],
        ['bulkhead apply --auto-approve', 'for a script or a timer'],
        ['bulkhead apply --check-tags', 'also pulls images whose tags have moved'],
        ['bulkhead apply shop --bundle deploy/bundle', 'a bundle from a repository, without synthesis'],
      ]),
    )
    .action((stacks: string[], options: ApprovalOptions) =>
      run(options, (context) => {
        const words = {
          command: 'apply',
          goal: 'as in the bundle',
          question: 'Apply these changes?',
          doing: 'applying',
          done: 'Applied',
          verified: 'a second plan is empty',
        } as const;
        return change(words, bundleRequest(stacks, options), options, context);
      }),
    );
}

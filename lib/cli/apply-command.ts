import { Command, Option } from 'commander';
import { type ChangeOptions, change } from './change';
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
import { parseTime } from './wait-for-hosts';

export function applyCommand(): Command {
  return withOutputOptions(withTagsOption(withApprovalOption(withBundleOptions(new Command('apply')))))
    .description('Create, update and repair the services on their hosts, and destroy services that left the program')
    .addOption(
      new Option(
        '--wait-for-host <time>',
        'how long to wait for a new server that does not accept the login yet, such as 5min',
      ).argParser(parseTime),
    )
    .addHelpText(
      'after',
      examples([
        ['bulkhead apply', 'shows the plan and asks'],
        ['bulkhead apply --auto-approve', 'for a script or a timer'],
        ['bulkhead apply --check-tags', 'also pulls images whose tags have moved'],
        ['bulkhead apply --wait-for-host 5min', 'to a server that has just been created'],
        ['bulkhead apply shop --bundle deploy/bundle', 'a bundle from a repository, without synthesis'],
      ]),
    )
    .action((stacks: string[], options: ApprovalOptions & ChangeOptions) =>
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

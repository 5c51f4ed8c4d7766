import { Command } from 'commander';
import { adopting } from './adopting';
import { change } from './change';
import {
  type ApprovalOptions,
  bundleRequest,
  examples,
  run,
  SERVICES,
  withApprovalOption,
  withBundleOption,
  withOutputOptions,
} from './command';

export function adoptCommand(): Command {
  const command = new Command('adopt').argument('<services...>', SERVICES);
  return withOutputOptions(withApprovalOption(withBundleOption(command)))
    .description(
      'Take over units, Quadlet files and machines that somebody else created under the names of these services.\n' +
        'Those that match keep running. The others are rewritten and restarted. No other service is touched.',
    )
    .addHelpText(
      'after',
      examples([
        ['bulkhead adopt web', 'shows what would change, and asks'],
        ["bulkhead adopt 'shop/host/*'", 'all services of a host, by construct path'],
        ['bulkhead adopt web db --auto-approve', 'for a script'],
      ]),
    )
    .action((services: string[], options: ApprovalOptions) =>
      run(options, (context) => {
        const words = {
          command: 'adopt',
          goal: 'at least the bundle',
          question: 'Take these services over?',
          doing: 'adopting',
          done: 'Adopted',
          verified: 'a second plan is empty',
        } as const;
        return change(words, { ...bundleRequest(['*'], options), select: adopting(services) }, options, context);
      }),
    );
}

import { Command } from 'commander';
import { change } from './change';
import { onlyServices } from './choose-services';
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

export function rollbackCommand(): Command {
  const command = new Command('rollback').argument('<services...>', SERVICES);
  return withOutputOptions(withApprovalOption(withBundleOption(command)))
    .description(
      'Run the previous version of services again, with its files, units and images. A file or an image that services\n' +
        'share goes back with all of them. Volumes and values of secrets stay as they are, and no job runs. Your program\n' +
        'does not change, so the next plan shows the newer version again.',
    )
    .addHelpText(
      'after',
      examples([
        ['bulkhead rollback web', 'shows the changes, and asks'],
        ['bulkhead rollback web api --auto-approve', 'for a script'],
        ['bulkhead history', 'shows the versions that the hosts keep'],
      ]),
    )
    .action((services: string[], options: ApprovalOptions) =>
      run(options, (context) => {
        const words = {
          command: 'rollback',
          goal: 'as before',
          question: 'Roll these services back?',
          doing: 'rolling back',
          done: 'Rolled back',
          verified: 'the previous versions run again',
        } as const;
        const select = (bundles: Parameters<typeof onlyServices>[0]) => onlyServices(bundles, services);
        return change(words, { ...bundleRequest(['*'], options), select }, options, context);
      }),
    );
}

import { Command } from 'commander';
import { type ApprovalOptions, examples, run, SERVICES, withBundleOption, withOutputOptions } from './command';
import { moveServices } from './move-services';
import type { PlacesOptions } from './places';

interface MvOptions extends PlacesOptions, Pick<ApprovalOptions, 'autoApprove'> {
  readonly from: string;
}

export function stateCommand(): Command {
  return new Command('state')
    .description('Change what hosts record about services')
    .addHelpText('after', examples([['bulkhead state mv web --from shop', 'shows what would move, and asks']]))
    .addCommand(mvCommand());
}

function mvCommand(): Command {
  const command = new Command('mv').argument('<services...>', SERVICES);
  return withOutputOptions(withBundleOption(command))
    .description(
      'Move services from another stack or project to the stack of this program that declares them. Only the records on\n' +
        'the hosts change: the services keep running. Run it before you apply a stack that no longer has them.',
    )
    .requiredOption('--from <stack>', 'stack that the services leave')
    .option('--auto-approve', 'do not ask; needed without a terminal')
    .addHelpText(
      'after',
      examples([
        ['bulkhead state mv web --from shop', 'shows what would move, and asks'],
        ["bulkhead state mv '*' --from shop", 'all services of a stack that has a new name'],
        ['bulkhead state mv web db --from shop --auto-approve', 'for a script'],
      ]),
    )
    .action((services: string[], options: MvOptions) =>
      run(options, (context) => moveServices(services, options, context)),
    );
}

import { Command } from 'commander';
import { type BundleOptions, examples, run, withBundleOptions, withOutputOptions } from './command';
import { applicable, hasChanges } from './host-plan';
import { planDocument } from './plan-document';
import { renderSummary } from './render-plan';
import { withPlans } from './with-plans';

interface Options extends BundleOptions {
  readonly detailedExitcode?: boolean;
}

export function planCommand(): Command {
  return withOutputOptions(withBundleOptions(new Command('plan')))
    .description('Show what apply would do, and touch nothing')
    .option('--detailed-exitcode', 'exit with 0: no changes, 1: error, 2: there are changes')
    .addHelpText(
      'after',
      examples([
        ['bulkhead plan', 'the stack of the cdktf.json in this directory'],
        ["bulkhead plan 'shop-*'", 'all stacks of that name'],
        ['bulkhead plan --bundle cdktf.out/bundle', 'what lies there, without synthesis'],
        ['bulkhead plan --detailed-exitcode --json', 'for a script: 2 when a host differs'],
      ]),
    )
    .action((stacks: string[], options: Options) =>
      run(options, async (context) => {
        const request = { stacks, bundle: options.bundle };
        return withPlans(request, 'as in the bundle', context, async (plans) => {
          context.terminal.print(renderSummary(plans, { touched: false }));
          context.terminal.document(planDocument(plans));
          if (!plans.every(applicable)) return 1;
          return options.detailedExitcode && plans.some(hasChanges) ? 2 : 0;
        });
      }),
    );
}

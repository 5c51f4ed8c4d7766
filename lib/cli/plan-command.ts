import { Command } from 'commander';
import { bundleRequest, examples, run, withBundleOptions, withOutputOptions, withTagsOption } from './command';
import { type PlanOptions, showPlan, withExitCodeOption } from './show-plan';

export function planCommand(): Command {
  return withOutputOptions(withTagsOption(withExitCodeOption(withBundleOptions(new Command('plan')))))
    .description('Show what apply would do, and touch nothing')
    .addHelpText(
      'after',
      examples([
        ['bulkhead plan', 'the stack of the cdktf.json in this directory'],
        ["bulkhead plan 'shop-*'", 'all stacks of that name'],
        ['bulkhead plan --bundle cdktf.out/bundle', 'what lies there, without synthesis'],
        ['bulkhead plan --check-tags', 'also whether images in registries have changed under their tags'],
        ['bulkhead plan --detailed-exitcode --json', 'for a script: 2 when a host differs'],
      ]),
    )
    .action((stacks: string[], options: PlanOptions) =>
      run(options, (context) => showPlan(bundleRequest(stacks, options), options, context)),
    );
}

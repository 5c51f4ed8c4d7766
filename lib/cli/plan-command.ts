import { Command } from 'commander';
import {
  bundleRequest,
  examples,
  run,
  withBundleOptions,
  withOutputOptions,
  withSecretsOption,
  withTagsOption,
} from './command';
import { type PlanOptions, showPlan, withExitCodeOption } from './show-plan';

export function planCommand(): Command {
  return withOutputOptions(
    withTagsOption(withExitCodeOption(withSecretsOption(withBundleOptions(new Command('plan'))))),
  )
    .description('Show what apply would do, without changing anything')
    .addHelpText(
      'after',
      examples([
        ['bulkhead plan', 'the stack of the project in this directory'],
        ["bulkhead plan 'shop-*'", 'all stacks whose names begin with "shop-"'],
        ['bulkhead plan --bundle cdktf.out/bundle', 'the bundles in this directory, without synthesis'],
        ['bulkhead plan --check-tags', 'also asks registries whether tags of images have moved'],
        ['bulkhead plan --detailed-exitcode --json', 'for a script; exits with 2 if a host differs'],
      ]),
    )
    .action((stacks: string[], options: PlanOptions) =>
      run(options, (context) => showPlan(bundleRequest(stacks, options), options, context)),
    );
}

import type { Command } from 'commander';
import type { BundleRequest } from './bundles';
import type { BundleOptions, Context, SecretsOptions, TagsOptions } from './command';
import { applicable, type HostPlan, hasChanges } from './host-plan';
import { masked } from './masked';
import { planDocument } from './plan-document';
import { renderPlans, renderSummary } from './render-plan';
import type { Terminal } from './terminal';
import { withPlans } from './with-plans';

export interface PlanOptions extends BundleOptions, SecretsOptions, TagsOptions {
  readonly detailedExitcode?: boolean;
}

export function withExitCodeOption(command: Command): Command {
  return command.option('--detailed-exitcode', 'exit with 0 for no changes, 1 for an error, 2 for changes');
}

/** Puts plans into lines. */
export type Render = (plans: readonly HostPlan[], terminal: Terminal) => string[];

const asText: Render = (plans, terminal) => [...renderPlans(plans, terminal), renderSummary(plans, { touched: false })];

/** Plans and shows the plans. Returns the exit code. */
export function showPlan(
  request: BundleRequest,
  { detailedExitcode, checkTags, showSecrets }: PlanOptions,
  context: Context,
  render = asText,
): Promise<number> {
  return withPlans({ ...request, goal: 'as in the bundle', checkTags }, context, async (plans) => {
    const shown = showSecrets ? plans : masked(plans);
    context.terminal.print(...render(shown, context.terminal));
    context.terminal.document(planDocument(shown));
    if (!plans.every(applicable)) return 1;
    return detailedExitcode && plans.some(hasChanges) ? 2 : 0;
  });
}

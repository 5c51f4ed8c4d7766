import { applyPlans, type Outcome, type Words } from './apply-plans';
import { approve, requireApproval } from './approval';
import type { BundleRequest } from './bundles';
import type { Context } from './command';
import { applicable, type HostPlan, hasChanges } from './host-plan';
import { planDocument } from './plan-document';
import { renderPlans, renderSummary } from './render-plan';
import type { Terminal } from './terminal';
import { withPlans } from './with-plans';

/** A command that brings hosts to a goal, and its words. */
export interface Change extends Words {
  readonly command: string;
  readonly question: string;
}

/** Plans, asks, and does it; all hosts or, when one of them can't be planned, none. Returns the exit code. */
export async function change(
  words: Change,
  request: BundleRequest,
  options: { readonly autoApprove?: boolean; readonly checkTags?: boolean },
  context: Context,
): Promise<number> {
  const { terminal, signal } = context;
  requireApproval(words.command, options, terminal);
  const { autoApprove, checkTags } = options;
  return withPlans({ ...request, goal: words.goal, hold: autoApprove, checkTags }, context, async (plans) => {
    terminal.print(...renderPlans(plans, terminal));
    if (!plans.every(applicable) || !plans.some(hasChanges)) {
      terminal.print(renderSummary(plans, { touched: false }));
      terminal.document(changeDocument(plans, []));
      return plans.every(applicable) ? 0 : 1;
    }
    terminal.print(renderSummary(plans, { touched: true }));
    if (!options.autoApprove && !(await approve(words.question, signal))) {
      terminal.print('Nothing has been touched.');
      return 1;
    }
    const outcomes = await applyPlans(plans, context, { ...words, checkTags });
    terminal.document(changeDocument(plans, outcomes));
    return report(outcomes, terminal) ? 0 : 1;
  });
}

/** Prints each error once, although one of a host is that of all its services. Returns whether there was none. */
function report(outcomes: readonly Outcome[], terminal: Terminal): boolean {
  const errors = new Set(outcomes.flatMap(({ error }) => error ?? []));
  for (const error of errors) terminal.error(error);
  return errors.size === 0;
}

/**
 * What `bulkhead apply --json` and `bulkhead destroy --json` print: the plan, and for each service its `result`:
 * `unchanged`, `applied`, `failed` with an `error`, or `skipped` when nothing was touched.
 */
export function changeDocument(plans: readonly HostPlan[], outcomes: readonly Outcome[]) {
  const document = planDocument(plans);
  const hosts = document.hosts.map((host, i) => ({
    ...host,
    services: host.services.map((service) => {
      const outcome = outcomes.find((o) => o.plan === plans[i] && o.service.name === service.name);
      return { ...service, ...resultOf(service.steps.length > 0, outcome) };
    }),
  }));
  return { ...document, hosts };
}

function resultOf(changes: boolean, outcome: Outcome | undefined) {
  if (!outcome) return { result: changes ? 'skipped' : 'unchanged' };
  if (!outcome.error) return { result: 'applied' };
  return { result: 'failed', error: outcome.error };
}

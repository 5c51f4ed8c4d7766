import { applyPlans, type Words } from './apply-plans';
import { approve, requireApproval } from './approval';
import type { BundleRequest } from './bundles';
import type { Context } from './command';
import { applicable, type HostPlan, hasChanges, isObstructed } from './host-plan';
import type { Outcome } from './in-order';
import { masked } from './masked';
import { outputsDocument, renderOutputs } from './outputs';
import { planDocument } from './plan-document';
import { renderPlans, renderSummary } from './render-plan';
import type { Terminal } from './terminal';
import { withPlans } from './with-plans';
import { withoutDependents } from './without-dependents';

/** A command that brings hosts to a goal, and its words. */
export interface Change extends Words {
  readonly command: string;
  readonly question: string;
}

export interface ChangeOptions {
  readonly autoApprove?: boolean;
  readonly checkTags?: boolean;
  readonly showSecrets?: boolean;
  /** Milliseconds. */
  readonly waitForHost?: number;
}

/**
 * Plans, asks, and does it: on all hosts that answer, or on none when something stands in the way on one of them. Returns
 * the exit code, which tells of a host that does not answer, too.
 */
export async function change(
  words: Change,
  request: BundleRequest,
  options: ChangeOptions,
  context: Context,
): Promise<number> {
  const { terminal, signal } = context;
  requireApproval(words.command, options, terminal);
  const { autoApprove, checkTags, showSecrets, waitForHost: waitForHostMs } = options;
  const shown = (plans: readonly HostPlan[]) => (showSecrets ? plans : masked(plans));
  const end = (plans: readonly HostPlan[], outcomes: readonly Outcome[], matches: boolean) => {
    // Until all of it is there, what a stack tells may not hold.
    const told = matches && words.goal === 'as in the bundle' ? plans : [];
    terminal.print(...renderOutputs(told));
    terminal.document({ ...changeDocument(plans, outcomes, shown(plans)), ...outputsDocument(told) });
    return matches ? 0 : 1;
  };
  const wanted = { ...request, goal: words.goal, hold: autoApprove, checkTags, waitForHostMs };
  return withPlans(wanted, context, async (planned) => {
    const plans = withoutDependents(planned, words.goal);
    const unplanned = plans.flatMap(({ error }) => error ?? []);
    terminal.print(...renderPlans(shown(plans), terminal));
    if (plans.some(isObstructed) || !plans.some(hasChanges)) {
      const matches = plans.every(applicable);
      terminal.print(renderSummary(plans, { touched: false }));
      return end(plans, [], matches);
    }
    terminal.print(renderSummary(plans, { touched: true }));
    if (!options.autoApprove && !(await approve(words.question, signal))) {
      terminal.print('Nothing has been touched.');
      return 1;
    }
    const outcomes = await applyPlans(plans, context, { ...words, checkTags });
    for (const error of unplanned) terminal.error(error);
    return end(plans, outcomes, report(outcomes, terminal) && unplanned.length === 0);
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
 * `unchanged`, `applied`, `failed` with an `error`, or `skipped` when nothing was touched. With the outputs of stacks, if
 * there are any, once all of it matches.
 * @param shown The plans as they may be shown.
 */
export function changeDocument(plans: readonly HostPlan[], outcomes: readonly Outcome[], shown = plans) {
  const document = planDocument(shown);
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

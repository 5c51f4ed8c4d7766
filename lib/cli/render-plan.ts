import type { Action, HostState, ServicePlan, Step } from '../engine';
import { type ErrorDocument, errorLines } from './errors';
import { type HostPlan, isAdoptable } from './host-plan';
import { lineDiff } from './line-diff';
import { count, printable, type Style, type Terminal, table } from './terminal';

export const SIGNS: Record<Action, { readonly sign: string; readonly style: Style }> = {
  none: { sign: ' ', style: 'dim' },
  create: { sign: '+', style: 'green' },
  update: { sign: '~', style: 'yellow' },
  repair: { sign: '!', style: 'magenta' },
  destroy: { sign: '-', style: 'red' },
};

/** How many lines of one file's difference are shown. */
const MAX_DIFF_LINES = 24;

type Painter = Pick<Terminal, 'style'>;

/** A plan in words: a line for each service that changes, and below it why. */
export function renderPlans(plans: readonly HostPlan[], painter: Painter): string[] {
  return plans.flatMap((plan) => renderHost(plan, painter));
}

function renderHost(plan: HostPlan, painter: Painter): string[] {
  const { stack, address } = plan.target;
  if (plan.error) return [painter.style('bold', `${stack} on ${address}`), ...renderError(plan.error, painter)];
  const changing = plan.services.filter(isOfInterest);
  const heads = table(changing.map((service) => [service.name, service.action, summary(service)]));
  return [
    painter.style(
      'bold',
      `${stack} on ${address} (${plan.state.facts.os}, systemd ${plan.state.facts.programs.get('systemd')})`,
    ),
    ...changing.flatMap((service, i) => {
      const { sign, style } = SIGNS[service.action];
      const head = `  ${painter.style(style, sign)} ${heads[i]}`;
      if (service.obstacles.length > 0) return [head, ...renderObstacles(service, plan.state, painter)];
      return [head, ...renderReasons(service, plan.state, painter)];
    }),
    ...(changing.length === 0 ? [plan.services.length === 0 ? '  no services' : '  as wanted'] : []),
  ];
}

export function isOfInterest({ steps, obstacles }: ServicePlan): boolean {
  return steps.length > 0 || obstacles.length > 0;
}

function renderError(error: ErrorDocument, painter: Painter): string[] {
  const [message = '', ...rest] = errorLines(error);
  return [painter.style('red', `  ${message}`), ...rest.map((line) => `  ${line}`)];
}

function renderObstacles(service: ServicePlan, state: HostState, painter: Painter): string[] {
  const { name, path, obstacles } = service;
  const lines = obstacles.flatMap(({ action, problem, advice }) => [
    painter.style('red', `      Cannot ${action}: ${problem} (at ${path})`),
    ...(advice ? [`        do: ${advice}`] : []),
  ]);
  return isAdoptable(service, state) ? [...lines, `        or: bulkhead adopt ${name}`] : lines;
}

/** What a service's steps come to: "load 1 image, write 2 files, restart". */
export function summary({ action, steps, obstacles }: ServicePlan): string {
  if (obstacles.length > 0) return "can't be applied";
  if (action === 'create' && steps.every(({ verb }) => verb === 'record')) return 'take over as it is';
  const verbs = new Map<string, Step[]>();
  for (const step of steps) {
    verbs.set(step.verb, [...(verbs.get(step.verb) ?? []), step]);
  }
  if (verbs.size > 1) verbs.delete('record');
  return [...verbs].map(([verb, same]) => phrase(verb, same)).join(', ');
}

function phrase(verb: string, steps: readonly Step[]): string {
  if (verb === 'record') return 'update its record on the host';
  const objects = (['image', 'file', 'object'] as const).flatMap((noun) => {
    const number = steps.filter(({ kind }) => kind === `${noun}s`).length;
    return number > 0 ? [count(number, noun)] : [];
  });
  return [verb, objects.join(' and ')].filter(Boolean).join(' ');
}

/** Why each step is needed. What is new or goes away as a whole explains itself. */
function renderReasons(service: ServicePlan, state: HostState, painter: Painter): string[] {
  if (service.action !== 'update' && service.action !== 'repair') return [];
  return service.steps
    .filter(({ verb }) => verb !== 'record')
    .flatMap((step) => [
      `      ${painter.style('dim', `${step.verb} ${step.key}: ${step.reason}`)}`,
      ...renderDiff(contentDiff(service, step, state), painter),
    ]);
}

/** How the text of a file changes, as lines led by `-` and `+`. None when the step writes no text. */
export function contentDiff({ desired }: ServicePlan, { verb, kind, key }: Step, state: HostState): string[] {
  const after = desired?.files[key]?.content;
  const before = state.files.get(key)?.content;
  if (verb !== 'write' || kind !== 'files' || after === undefined || before === undefined) return [];
  return lineDiff(before.toString(), after);
}

function renderDiff(diff: readonly string[], painter: Painter): string[] {
  const shown = diff.slice(0, MAX_DIFF_LINES).map((line) => {
    const style = line.startsWith('-') ? 'red' : 'green';
    return `        ${painter.style(style, printable(`${line.slice(0, 1)} ${line.slice(1)}`))}`;
  });
  const more = diff.length - shown.length;
  return more > 0 ? [...shown, `        ... and ${count(more, 'more line')}`] : shown;
}

/** The last line of a plan: "3 of 20 to change: 1 to create, 2 to repair." */
export function renderSummary(plans: readonly HostPlan[], { touched }: { readonly touched: boolean }): string {
  const services = plans.flatMap((plan) => (plan.error ? [] : plan.services));
  const changing = services.filter(({ steps }) => steps.length > 0);
  const unplanned = plans.filter(({ error }) => error).length;
  const blocked = services.filter(({ obstacles }) => obstacles.length > 0).length;
  const sentences: string[] = [];
  if (changing.length > 0) sentences.push(`${changing.length} of ${services.length} to change: ${kinds(changing)}.`);
  else if (unplanned === 0 && services.length === 0) return 'No changes: there are no services.';
  else if (unplanned + blocked === 0) return `No changes: ${count(services.length, 'service')} as wanted.`;
  if (unplanned > 0) sentences.push(`${count(unplanned, 'host')} could not be planned.`);
  if (blocked > 0) sentences.push(`${count(blocked, 'service')} can't be applied.`);
  if (!touched) sentences.push('Nothing has been touched.');
  return sentences.join(' ');
}

function kinds(services: readonly ServicePlan[]): string {
  const counts = (Object.keys(SIGNS) as Action[]).map((action) => {
    return { action, number: services.filter((service) => service.action === action).length };
  });
  return counts.flatMap(({ action, number }) => (number > 0 ? [`${number} to ${action}`] : [])).join(', ');
}

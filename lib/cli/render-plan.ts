import { posix } from 'node:path';
import {
  type Action,
  type Change,
  causesOf,
  type HostState,
  IMPACTS,
  impactOn,
  impactsOf,
  type Move,
  type ServicePlan,
  type Step,
} from '../engine';
import { kindOf } from '../manifest';
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

/** How many characters of a value are shown. */
const MAX_VALUE = 60;

type Painter = Pick<Terminal, 'style'>;

/** A plan in words: a line for each service that changes, and below it why. */
export function renderPlans(plans: readonly HostPlan[], painter: Painter): string[] {
  return plans.flatMap((plan) => renderHost(plan, painter));
}

function renderHost(plan: HostPlan, painter: Painter): string[] {
  const { stack, address } = plan.target;
  if (plan.error) return [painter.style('bold', `${stack} on ${address}`), ...renderError(plan.error, painter)];
  const { state, services } = plan;
  const changing = services.filter(isOfInterest);
  const texts = changing.map((service) => renderService(service, state, painter));
  const heads = table(changing.map((service, i) => [service.name, wordOf(service), texts[i]?.[0] ?? '']));
  return [
    painter.style('bold', `${stack} on ${address} (${state.facts.os}, systemd ${state.facts.programs.get('systemd')})`),
    ...changing.flatMap((service, i) => {
      const { sign, style } = SIGNS[service.action];
      return [
        `  ${painter.style(style, sign)} ${heads[i]}`,
        ...(texts[i]?.slice(1) ?? []).map((line) => `      ${line}`),
      ];
    }),
    ...(changing.length === 0 ? [services.length === 0 ? '  no services' : '  no changes'] : []),
  ];
}

/** What happens to a service, in one word: for one that is there already, how it is hit. */
export function wordOf(service: ServicePlan): string {
  const { action } = service;
  if (service.obstacles.length > 0 || action === 'create' || action === 'destroy') return action;
  const impact = impactOn(service);
  return impact === 'none' ? action : impact;
}

/** What is to be said of a service, the first line beside its name. */
function renderService(service: ServicePlan, state: HostState, painter: Painter): string[] {
  const { action, obstacles, steps } = service;
  if (obstacles.length > 0) return ["can't be applied", ...renderObstacles(service, state, painter)];
  const lost = dataLosses(service).map((loss) => painter.style('red', loss));
  if (service.move) return [moveText(service.move), ...lost, ...renderRestarts(service)];
  if (action === 'create' || action === 'destroy' || steps.every(({ verb }) => verb === 'record'))
    return [summary(service), ...lost];
  const causes = causesOf(service).flatMap((step) => renderCause(service, step, state, painter));
  return [...lost, ...causes, ...renderRestarts(service)];
}

/** "moves from podman to lxc: stops there, starts here, keeps web-network.service" */
function moveText({ from, to, keeps }: Move): string {
  return `moves from ${from} to ${to}: stops there, starts here${keeps.length > 0 ? `, keeps ${keeps.join(', ')}` : ''}`;
}

/** Which units restart, of a service that has several. */
function renderRestarts(service: ServicePlan): string[] {
  const units = impactsOf(service).flatMap(({ kind, key }) => (kind === 'restart' ? [key] : []));
  const obvious = Object.keys(service.desired?.units ?? {}).length < 2 || causesOf(service) === service.steps;
  return units.length === 0 || obvious ? [] : [`restart ${units.join(', ')}`];
}

/** What is lost for good, a line each. */
export function dataLosses(service: ServicePlan): string[] {
  return impactsOf(service)
    .filter(({ kind }) => kind === 'data loss')
    .map(({ key, reason }) => `data loss: ${key} ${reason}`);
}

function renderCause(service: ServicePlan, step: Step, state: HostState, painter: Painter): string[] {
  const { key, reason, changes = [] } = step;
  if (changes.length > 0) return changes.map((change) => printable(`${posix.basename(key)}: ${changeText(change)}`));
  return [printable(`${key} ${reason}`), ...renderDiff(contentDiff(service, step, state), painter)];
}

/** How a key changes: "Container.Environment LOG=info -> LOG=debug". */
export function changeText({ key, before, after }: Change): string {
  if (before === undefined) return `${key} ${short(after ?? '')} is new`;
  return after === undefined ? `${key} ${short(before)} is removed` : `${key} ${short(before)} -> ${short(after)}`;
}

function short(value: string): string {
  return value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE - 3)}...` : value || '""';
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
    painter.style('red', `Cannot ${action}: ${problem} (at ${path})`),
    ...(advice ? [`  do: ${advice}`] : []),
  ]);
  return isAdoptable(service, state) ? [...lines, `  or: bulkhead adopt ${name}`] : lines;
}

/** What a service's steps come to: "load 1 image, write 2 files, restart". */
export function summary({ action, steps, obstacles }: ServicePlan): string {
  if (obstacles.length > 0) return "can't be applied";
  if (action === 'create' && steps.every(({ verb }) => verb === 'record')) return 'take over unchanged';
  const verbs = new Map<string, Step[]>();
  for (const step of steps) {
    verbs.set(step.verb, [...(verbs.get(step.verb) ?? []), step]);
  }
  if (verbs.size > 1) verbs.delete('record');
  return [...verbs].map(([verb, same]) => phrase(verb, same)).join(', ');
}

function phrase(verb: string, steps: readonly Step[]): string {
  if (verb === 'record') return 'update its record on the host';
  const rows = steps.flatMap(({ kind, key }) =>
    kind === 'files' ? [{ noun: 'file' }] : kind === 'objects' ? [kindOf(key)] : [],
  );
  const things = [...new Map(rows.map((row) => [row.noun, row])).values()].map((row) => {
    const counted = count(rows.filter(({ noun }) => noun === row.noun).length, row.noun);
    return verb === 'delete' && 'onlyEmpty' in row ? `${counted} if empty` : counted;
  });
  return [verb, things.join(' and ')].filter(Boolean).join(' ');
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
    return `  ${painter.style(style, printable(`${line.slice(0, 1)} ${line.slice(1)}`))}`;
  });
  const more = diff.length - shown.length;
  return more > 0 ? [...shown, `  ... and ${count(more, 'more line')}`] : shown;
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
  else if (unplanned + blocked === 0)
    return `No changes: ${count(services.length, 'service')} ${services.length === 1 ? 'matches' : 'match'}.`;
  if (unplanned > 0) sentences.push(`${count(unplanned, 'host')} could not be planned.`);
  if (blocked > 0) sentences.push(`${count(blocked, 'service')} can't be applied.`);
  const losing = services.filter((service) => dataLosses(service).length > 0).map(({ name }) => name);
  if (losing.length > 0) sentences.push(`Data is lost: ${losing.join(', ')}.`);
  if (!touched) sentences.push('Nothing has been touched.');
  return sentences.join(' ');
}

function kinds(services: readonly ServicePlan[]): string {
  const words = services.map(wordOf);
  const order: string[] = ['create', ...IMPACTS, 'update', 'repair', 'destroy'];
  const counts = [...new Set(words)]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((word) => `${words.filter((other) => other === word).length} to ${word === 'data loss' ? 'lose data' : word}`);
  return counts.join(', ');
}

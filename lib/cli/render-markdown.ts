import { posix } from 'node:path';
import { causesOf, type ServicePlan, type Step } from '../engine';
import { errorLines } from './errors';
import { type HostPlan, isAdoptable } from './host-plan';
import { lineDiff } from './line-diff';
import { code, fenced, folded, htmlCode, prose, row } from './markdown';
import {
  changeText,
  contentDiff,
  dataLosses,
  isOfInterest,
  renderSummary,
  SIGNS,
  summary,
  wordOf,
} from './render-plan';
import { count } from './terminal';

/** How many lines of one file's difference are shown: a job summary and a comment must stay below a size. */
const MAX_DIFF_LINES = 200;

/** How many reasons a service gives in the table; all of them are below it. */
const MAX_REASONS = 3;

type Planned = Extract<HostPlan, { readonly error?: undefined }>;

interface Entry {
  readonly plan: Planned;
  readonly service: ServicePlan;
}

/** A plan for a pull request: a table of the services that change, and folded away below it how their files do. */
export function renderMarkdown(plans: readonly HostPlan[]): string[] {
  const entries = plans
    .filter((plan): plan is Planned => plan.error === undefined)
    .flatMap((plan) => plan.services.filter(isOfInterest).map((service) => ({ plan, service })));
  const sections = [
    [`### Bulkhead: ${prose(renderSummary(plans, { touched: true }))}`],
    plans.flatMap(hostError),
    table(entries),
    ...entries.map(details),
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']);
}

function hostError({ target, error }: HostPlan): string[] {
  if (error === undefined) return [];
  return [`Not planned: ${code(target.stack)} on ${code(target.address)}`, ...fenced('text', errorLines(error))];
}

function table(entries: readonly Entry[]): string[] {
  if (entries.length === 0) return [];
  return [
    row(['', 'Service', 'Host', 'Action', 'What will happen', 'Why']),
    row(['---', '---', '---', '---', '---', '---']),
    ...entries.map(({ plan, service }) =>
      row([
        code(SIGNS[service.action].sign),
        code(service.name),
        code(`${plan.target.stack} on ${plan.target.address}`),
        wordOf(service),
        prose(summary(service)),
        why(service),
      ]),
    ),
  ];
}

function why(service: ServicePlan): string {
  const { action, obstacles, path } = service;
  const reasons =
    obstacles.length > 0
      ? obstacles.map(({ action, problem }) => `${prose(`Cannot ${action}: ${problem}`)} ${code(`(at ${path})`)}`)
      : action === 'create' || action === 'destroy'
        ? [...dataLosses(service).map(loss), action === 'create' ? 'is new' : 'is no longer declared']
        : [...dataLosses(service).map(loss), ...causesOf(service).flatMap(cause)];
  const more = reasons.length - MAX_REASONS;
  return [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${count(more, 'more reason')}`] : [])].join('<br>');
}

function loss(text: string): string {
  return `**${prose(text)}**`;
}

function cause({ key, reason, changes = [] }: Step): string[] {
  if (changes.length === 0) return [`${code(key)} ${prose(reason)}`];
  return changes.map((change) => `${code(posix.basename(key))}: ${code(changeText(change))}`);
}

function reason({ verb, key, reason }: Step): string {
  return `${verb} ${code(key)}: ${prose(reason)}`;
}

function details({ plan, service }: Entry): string[] {
  const obstacles = service.obstacles.flatMap(({ advice }) => (advice ? [`- do: ${prose(advice)}`] : []));
  if (isAdoptable(service, plan.state)) obstacles.push(`- or: ${code(`bulkhead adopt ${service.name}`)}`);
  const steps = service.steps.flatMap((step) => [`- ${reason(step)}`, ...fileDiff({ plan, service }, step)]);
  const title = `${htmlCode(service.name)} on ${htmlCode(plan.target.address)}: ${prose(summary(service))}`;
  return folded(title, [...obstacles, ...steps]);
}

function fileDiff({ plan, service }: Entry, step: Step): string[] {
  const isNew = step.verb === 'write' && step.kind === 'files' && !plan.state.files.has(step.key);
  const diff = isNew
    ? lineDiff('', service.desired?.files[step.key]?.content ?? '')
    : contentDiff(service, step, plan.state);
  if (diff.length === 0) return [];
  const more = diff.length - MAX_DIFF_LINES;
  const rest = more > 0 ? [`... and ${count(more, 'more line')}`] : [];
  return ['', ...fenced('diff', [...diff.slice(0, MAX_DIFF_LINES), ...rest]), ''];
}

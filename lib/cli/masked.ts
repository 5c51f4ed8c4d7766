import type { Change, HostState, ServicePlan, Step } from '../engine';
import type { FilePart, Manifest } from '../manifest';
import type { HostPlan } from './host-plan';
import { HIDDEN, looksSecret, withoutSecrets } from './looks-secret';

/** Directives that name a secret and do not contain it. */
const NAMES_ONE = new Set(['LoadCredential', 'LoadCredentialEncrypted', 'ImportCredential', 'Secret']);

/**
 * Plans as they are shown: without contents of files that others may not read, and without values whose names look like
 * those of secrets. Of a unit that is closed because of its variables, the other directives are shown, as everybody on
 * the host can ask systemd for them.
 */
export function masked(plans: readonly HostPlan[]): HostPlan[] {
  return plans.map((plan) => {
    if (plan.error !== undefined) return plan;
    const { state } = plan;
    const wanted = plan.services.flatMap(({ desired }) => Object.entries(desired?.files ?? {}));
    const closed = new Set([...state.files, ...wanted].filter(([, { mode }]) => isClosed(mode)).map(([path]) => path));
    const services = plan.services.map((service) => maskedService(service, closed));
    const written = plan.services.flatMap(({ steps }) =>
      steps.flatMap(({ verb, key }) => (verb === 'write' ? key : [])),
    );
    return { ...plan, services, state: maskedState(state, new Set(written), closed) };
  });
}

/** Whether others than owner and group may not read a file. */
function isClosed(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o004) === 0;
}

function maskedService(service: ServicePlan, closed: ReadonlySet<string>): ServicePlan {
  const { desired } = service;
  if (service.steps.length === 0) return service;
  const steps = service.steps.map((step) => maskedStep(step, closed.has(step.key)));
  return { ...service, steps, desired: desired && maskedManifest(desired, closed) };
}

function maskedStep(step: Step, isOfClosed: boolean): Step {
  return step.changes ? { ...step, changes: step.changes.map((change) => maskedChange(change, isOfClosed)) } : step;
}

function maskedChange(change: Change, isOfClosed: boolean): Change {
  const key = change.key.slice(change.key.lastIndexOf('.') + 1);
  if (NAMES_ONE.has(key)) return change;
  const mask = (value: string) => {
    if (looksSecret(key)) return HIDDEN;
    if (isOfClosed && key === 'Environment') return value.replace(/^([^=]*=).*$/s, `$1${HIDDEN}`);
    return withoutSecrets(value);
  };
  const { before, after } = change;
  return {
    ...change,
    ...(before !== undefined && { before: mask(before) }),
    ...(after !== undefined && { after: mask(after) }),
  };
}

function maskedManifest(manifest: Manifest, closed: ReadonlySet<string>): Manifest {
  const files = Object.entries(manifest.files).map(([path, file]): [string, FilePart] => {
    if (file.content === undefined) return [path, file];
    const { content: text, ...others } = file;
    const content = maskedText(text, closed.has(path));
    return [path, content === undefined ? others : { ...others, content }];
  });
  return { ...manifest, files: Object.fromEntries(files) };
}

/** Only texts of files that are written are shown. */
function maskedState(state: HostState, written: ReadonlySet<string>, closed: ReadonlySet<string>): HostState {
  const files = [...state.files].map(([path, file]): [string, typeof file] => {
    if (file.content === undefined || !written.has(path)) return [path, file];
    const { content: bytes, ...others } = file;
    const text = maskedText(bytes.toString(), closed.has(path));
    return [path, text === undefined ? others : { ...others, content: Buffer.from(text) }];
  });
  return { ...state, files: new Map(files) };
}

function maskedText(text: string, isOfClosed: boolean): string | undefined {
  if (isOfClosed || /-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return undefined;
  return text.split('\n').map(withoutSecrets).join('\n');
}

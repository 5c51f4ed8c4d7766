import { kindOf, type Manifest } from '../../manifest';
import type { RunResult, Transport } from '../../transport';
import { ApplyError } from '../errors';
import { portsClaimed } from '../foreseen/listeners';
import { namesToLookFor } from '../foreseen/names';
import { kindNamed } from '../kinds';
import { hiddenBy } from '../parts/hidden';
import { namesToObserve } from '../record';
import type { Command } from '../sequence';
import { ofEachPart } from '../service-record';
import type { HostFacts, HostState } from '../state';
import type { Values } from '../values';
import { readState } from './read';
import { OBSERVE, OBSERVE_INPUT } from './script';

/** What to look at: records of services with everything that they own, and everything that some manifests name. */
export interface ObserveRequest {
  readonly services: readonly string[] | 'all';
  readonly manifests?: readonly Manifest[];
  /** Secret values for objects of these manifests. */
  readonly values?: Values | undefined;
  /** Also reads details for people: since when units run, and their memory. Takes some milliseconds a unit. */
  readonly details?: boolean;
  /** Asks registries which images the tags of pulled images name now. */
  readonly checkTags?: boolean | undefined;
  /** Facts about the host, if they are known already. */
  readonly facts?: HostFacts;
}

/** The command that looks at a host. {@link readObserved} reads its output. */
export function observeCommand({
  services,
  manifests = [],
  values = new Map(),
  details,
  checkTags,
  facts,
}: ObserveRequest): Command & { readonly input: Uint8Array } {
  const records = services === 'all' ? [] : [...services, ...manifests.map(({ name }) => name)];
  const lines = [
    ...records.map((name) => `services ${name}\n`),
    ...manifests.flatMap(({ files }) =>
      Object.values(files).flatMap(({ owner, group }) => [`owners ${owner}\n`, `groups ${group}\n`]),
    ),
    ...manifests.flatMap((manifest) =>
      Object.keys(manifest.files).flatMap((path) => hiddenBy(path, manifest).map((other) => `files ${other}\n`)),
    ),
    ...manifests.flatMap((manifest) => [
      ...Object.keys(manifest.needs ?? {}).map((need) => `needs ${need}\n`),
      ...portsClaimed(manifest).map((port) => `ports ${port}\n`),
      ...namesToLookFor(manifest).map(([list, name]) => `${list} ${name}\n`),
    ]),
    ...manifests.flatMap((manifest) =>
      namesToObserve(
        manifest,
        ofEachPart((kind) => Object.keys(manifest[kind])),
      ).map(([list, name]) => `${list} ${name}\n`),
    ),
    ...manifests.flatMap(({ objects }) =>
      Object.entries(objects).flatMap(([key, object]) => {
        const { kind, of } = kindOf(key);
        const word = kindNamed(kind).ask?.(object, values.get(key)?.bytes);
        return word === undefined ? [] : [`${kind} ${of} ${word}\n`];
      }),
    ),
  ];
  const options = [
    ...(services === 'all' ? ['--all'] : []),
    ...(details ? ['--details'] : []),
    ...(checkTags ? ['--tags'] : []),
    ...(facts ? [] : ['--facts']),
  ];
  return {
    argv: ['sh', '-c', OBSERVE, 'sh', ...options],
    input: Buffer.from(OBSERVE_INPUT + lines.join('')),
    purpose: { action: 'read the state of the host' },
    mayFail: true,
  };
}

/** Reads the answer of the host. @throws ApplyError for an unexpected answer */
export function readObserved(
  address: string,
  { exitCode, stdout, stderr }: RunResult,
  { manifests = [], values = new Map(), facts }: ObserveRequest,
): HostState {
  const state = exitCode === 0 && readState(stdout, manifests, facts);
  if (state) return { ...state, unread: new Map([...values].filter(([, { problem }]) => problem !== undefined)) };
  throw new ApplyError({
    host: address,
    action: 'read the state of the host',
    problem: 'it did not answer as expected: systemd, GNU coreutils, findutils and tar are needed there',
    exitCode,
    stderr,
  });
}

/** Looks at the same parts of a host again and again, alone or as the last command of a sequence. */
export interface Observing {
  readonly observe: () => Promise<HostState>;
  readonly observeLater: (told: (state: HostState) => void) => Command;
}

export function observing(transport: Transport, request: ObserveRequest, signal: AbortSignal | undefined): Observing {
  return {
    observe: () => observe(transport, request, signal),
    observeLater: (told) => ({
      ...observeCommand(request),
      ended: (result) => told(readObserved(transport.address, result, request)),
    }),
  };
}

/**
 * Looks at a host, in one round trip for any number of services. Changes nothing.
 * @throws TransportError when the host can't be reached
 */
export async function observe(transport: Transport, request: ObserveRequest, signal?: AbortSignal): Promise<HostState> {
  const { argv, input } = observeCommand(request);
  const result = await transport.run(argv, { input, ...(signal && { signal }) });
  return readObserved(transport.address, result, request);
}

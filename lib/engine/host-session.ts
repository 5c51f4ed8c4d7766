import { belongsTo, type Manifest, PART_KINDS } from '../manifest';
import type { Transport } from '../transport';
import { type ApplyOptions, apply } from './apply';
import { batch } from './batch';
import type { ApplyError } from './errors';
import { isInstance } from './instance';
import { observe } from './observe/observe';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import { stateFor } from './state-for';
import type { Values } from './values';

/** How long to wait for further calls that can share a round trip. */
const READ_WINDOW_MS = 5;
const APPLY_WINDOW_MS = 25;

/** Which instance of itself a service is, as Terraform's state knows it: see instance.ts. */
type Instance = string | undefined;
type Change = { readonly instance: Instance } & (
  | { readonly apply: Manifest; readonly values: Values }
  | { readonly remove: Manifest }
);

interface Look {
  readonly manifest: Manifest;
  readonly values: Values;
}

/**
 * A host as a caller sees it that asks service by service, many at a time, as Terraform does. Reads share one look at
 * the whole host; changes that come together become one group with one daemon-reload.
 */
export class HostSession {
  private snapshot: Promise<HostState> | undefined;
  private readonly switched = new Set<string>();
  private readonly observeOne: (look: Look) => Promise<HostState>;
  private readonly change: (change: Change) => Promise<ApplyError | undefined>;

  constructor(
    private readonly transport: Transport,
    private readonly options: ApplyOptions,
  ) {
    const { checkTags } = options;
    this.observeOne = batch(READ_WINDOW_MS, async (looks) => {
      const manifests = looks.map(({ manifest }) => manifest);
      const values = joined(looks);
      const state = await observe(transport, { services: [], manifests, values, checkTags }, options.signal);
      return looks.map(() => state);
    });
    this.change = batch(APPLY_WINDOW_MS, async (changes) => {
      this.snapshot = undefined;
      const manifests = changes.flatMap((change) => ('apply' in change ? [change.apply] : []));
      const instances = new Map(
        changes.flatMap((change) => ('apply' in change ? [[change.apply.name, change.instance] as const] : [])),
      );
      const leaving = new Map(
        changes.flatMap((change) => ('remove' in change ? [[change.remove.name, change] as const] : [])),
      );
      const isToGo = (name: string, state: HostState) => {
        const change = leaving.get(name);
        return change !== undefined && !instances.has(name) && isStill(change.remove, change.instance, state);
      };
      const values = joined(changes.flatMap((change) => ('apply' in change ? [change] : [])));
      const wanted = { manifests, values, remove: [...leaving.keys()], isToGo, instances };
      const errors = await apply(transport, wanted, { ...options, switched: this.switched });
      return changes.map((change) => {
        if ('apply' in change) return errors.get(change.apply.name);
        return instances.has(change.remove.name) ? undefined : errors.get(change.remove.name);
      });
    });
  }

  /**
   * What the host has of a service, with the units of its user. The first call looks at all services of the host, the next
   * ones are free, unless there are secret values to compare.
   */
  async read(manifest: Manifest, values: Values = new Map()): Promise<HostState> {
    const snapshot = await this.observeAll();
    const owns = snapshot.records.get(manifest.name)?.owns;
    const known =
      owns && PART_KINDS.every((kind) => Object.keys(manifest[kind]).every((key) => owns[kind].includes(key)));
    return stateFor(
      known && values.size === 0 ? snapshot : await this.observeOne({ manifest, values }),
      manifest.user,
      snapshot.records.get(manifest.name),
    );
  }

  /** A service that Bulkhead made, as it was applied last, with digests in the place of contents. */
  async service(name: string): Promise<{ readonly state: HostState; readonly record: ServiceRecord } | undefined> {
    const state = await this.observeAll();
    const record = state.records.get(name);
    return record && { state: stateFor(state, record.manifest.user), record };
  }

  private observeAll(): Promise<HostState> {
    const { checkTags } = this.options;
    this.snapshot ??= observe(this.transport, { services: 'all', checkTags });
    return this.snapshot;
  }

  /** The host as an apply of the service would find it: also what the service needs there, and what is taken. */
  async look(manifest: Manifest, values: Values = new Map()): Promise<HostState> {
    const state = await this.read(manifest, values);
    if (!manifest.needs && !manifest.claims) return state;
    // The look at all services told of none of these.
    const { met, listeners, names } = stateFor(await this.observeOne({ manifest, values }), manifest.user);
    return { ...state, ...(met && { met }), ...(listeners && { listeners }), ...(names && { names }) };
  }

  /** Makes the host match. @throws ApplyError */
  async apply(manifest: Manifest, instance?: Instance, values: Values = new Map()): Promise<void> {
    const error = await this.change({ apply: manifest, instance, values });
    if (error) throw error;
  }

  /**
   * Removes a service and all that it owns. Fine when it is not there, or when another construct or another instance of
   * it has taken it over: in Terraform one that got a new id, or is replaced by create_before_destroy, is two, of which
   * the old one is removed after the new one was applied.
   * @throws ApplyError
   */
  async remove(manifest: Manifest, instance?: Instance): Promise<void> {
    const error = await this.change({ remove: manifest, instance });
    if (error) throw error;
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

function joined(all: readonly { readonly values: Values }[]): Values {
  return new Map(all.flatMap(({ values }) => [...values]));
}

function isStill(manifest: Manifest, instance: Instance, { records, damaged }: HostState): boolean {
  const { name, path } = manifest;
  if (damaged.has(name)) return true;
  const record = records.get(name);
  if (!record || !belongsTo(record.manifest, manifest) || record.manifest.path !== path) return false;
  return isInstance(record, instance);
}

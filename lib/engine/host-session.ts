import { belongsTo, type Manifest } from '../manifest';
import type { Transport } from '../transport';
import { type ApplyOptions, apply } from './apply';
import { batch } from './batch';
import type { ApplyError } from './errors';
import { observe } from './observe';
import { planService } from './plan';
import { type HostState, stateFor } from './state';
import type { ServicePlan } from './step';

/** How long to wait for further calls that can share a round trip. */
const READ_WINDOW_MS = 5;
const APPLY_WINDOW_MS = 25;

type Change = { readonly apply: Manifest } | { readonly remove: Manifest };

/**
 * A host as a caller sees it that asks service by service, many at a time, as Terraform does. Reads share one look at
 * the whole host; changes that come together become one group with one daemon-reload.
 */
export class HostSession {
  private snapshot: Promise<HostState> | undefined;
  private readonly look: (manifest: Manifest) => Promise<HostState>;
  private readonly change: (change: Change) => Promise<ApplyError | undefined>;

  constructor(
    private readonly transport: Transport,
    options: ApplyOptions,
  ) {
    this.look = batch(READ_WINDOW_MS, async (manifests) => {
      const state = await observe(transport, { services: [], manifests }, options.signal);
      return manifests.map(() => state);
    });
    this.change = batch(APPLY_WINDOW_MS, async (changes) => {
      this.snapshot = undefined;
      const manifests = changes.flatMap((change) => ('apply' in change ? [change.apply] : []));
      const leaving = changes.flatMap((change) => ('remove' in change ? [change.remove] : []));
      const remove = await this.stillTheirs(leaving, manifests, options.signal);
      const errors = await apply(transport, { manifests, remove }, options);
      return changes.map((change) => {
        if ('apply' in change) return errors.get(change.apply.name);
        return remove.includes(change.remove.name) ? errors.get(change.remove.name) : undefined;
      });
    });
  }

  /**
   * What the host has of a service, with the units of its user. The first call looks at all services of the host, the next
   * ones are free.
   */
  async read(manifest: Manifest): Promise<HostState> {
    const snapshot = await this.lookAtAll();
    const owns = snapshot.records.get(manifest.name)?.owns;
    const known =
      owns &&
      Object.keys(manifest.files).every((path) => owns.files.includes(path)) &&
      Object.keys(manifest.units).every((name) => owns.units.includes(name)) &&
      Object.keys(manifest.images).every((key) => owns.images.includes(key));
    return stateFor(known ? snapshot : await this.look(manifest), manifest.user, snapshot.records.get(manifest.name));
  }

  /** A service that Bulkhead made, as it was applied last, with digests in the place of contents. */
  async service(name: string): Promise<{ readonly state: HostState; readonly manifest: Manifest } | undefined> {
    const state = await this.lookAtAll();
    const manifest = state.records.get(name)?.manifest;
    return manifest && { state: stateFor(state, manifest.user), manifest };
  }

  private lookAtAll(): Promise<HostState> {
    this.snapshot ??= observe(this.transport, { services: 'all' });
    return this.snapshot;
  }

  /** What an apply of the service would do. */
  async plan(manifest: Manifest): Promise<ServicePlan> {
    return planService(await this.read(manifest), manifest);
  }

  /** Makes the host match. @throws ApplyError */
  async apply(manifest: Manifest): Promise<void> {
    const error = await this.change({ apply: manifest });
    if (error) throw error;
  }

  /**
   * Removes a service and all that it owns. Fine when it is not there, or when another construct has taken it over: in
   * Terraform one that got a new id is two, of which the old one may be removed after the new one was applied.
   * @throws ApplyError
   */
  async remove(manifest: Manifest): Promise<void> {
    const error = await this.change({ remove: manifest });
    if (error) throw error;
  }

  private async stillTheirs(
    leaving: readonly Manifest[],
    applied: readonly Manifest[],
    signal: AbortSignal | undefined,
  ): Promise<string[]> {
    const names = leaving.map(({ name }) => name);
    if (names.length === 0) return names;
    const { records, damaged } = await observe(this.transport, { services: names }, signal);
    return leaving
      .filter((manifest) => {
        const { name, path } = manifest;
        if (damaged.has(name)) return true;
        const there = records.get(name)?.manifest;
        if (!there || !belongsTo(there, manifest)) return false;
        return there.path === path && !applied.some((other) => other.name === name);
      })
      .map(({ name }) => name);
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../manifest';
import type { Transport } from '../transport';
import { claims, completed, recordFile } from './claim';
import { ApplyError } from './errors';
import { loadImage, placeRoot, tracesOfRoot } from './load-image';
import { hasMountPoints, noteMountPoints, removeMountPoints } from './mount-points';
import { isNetworkdFile, reloadNetworkd } from './networkd';
import { observe } from './observe';
import { planRemoval, planService } from './plan';
import { recordPath } from './record';
import { removeContainers, removeImages, removeObjects } from './remove-objects';
import { startUnits } from './start-units';
import type { HostFacts, HostState, ServiceRecord } from './state';
import type { ServicePlan, Step, Verb } from './step';
import type { TarFile } from './tar';
import { daemonReload, systemctl, unitError } from './units';
import { removePaths, writeFiles } from './write-files';

/** How long a unit must stay up to count as started: one that exits at once is caught by this. */
const SETTLE_MS = 200;

/** How long a unit that failed to start may go on trying by its Restart=. */
const SETTLE_TIMEOUT_MS = 10_000;

/** How long to wait for another apply on the same host. */
const LOCK_TIMEOUT_SEC = 600;

export interface ApplyOptions {
  /** Where the asset of that digest lies on this machine. */
  readonly asset: (sha256: string) => string;
  /** Told what is being done, service by service. */
  readonly progress?: (service: string, message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What should be on the host when it is done. */
export interface Wanted {
  readonly manifests: readonly Manifest[];
  /** Names of services to remove. */
  readonly remove: readonly string[];
}

/** How it went, service by service: an error, or undefined. */
export type ApplyResult = ReadonlyMap<string, ApplyError | undefined>;

/**
 * Makes a host match: looks at it, plans, does all steps of all services in one go (one daemon-reload, one start of
 * everything), and looks again: a plan must then be empty. Killing it at any point and applying again converges.
 * @throws TransportError when the host is lost, ApplyError when something fails that concerns all of them
 */
export async function apply(transport: Transport, wanted: Wanted, options: ApplyOptions): Promise<ApplyResult> {
  const lock = await transport.hold(
    ['flock', '-w', String(LOCK_TIMEOUT_SEC), '/run/systemd/system', 'sh', '-c', 'echo held; exec cat >/dev/null'],
    options.signal ? { signal: options.signal } : {},
  );
  try {
    return await new Group(transport, wanted, options).run();
  } finally {
    await lock.release();
  }
}

/** One apply of some services on one host. */
class Group {
  private readonly errors = new Map<string, ApplyError | undefined>();
  private plans: ServicePlan[] = [];
  private facts: HostFacts | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly wanted: Wanted,
    private readonly options: ApplyOptions,
  ) {}

  async run(): Promise<ApplyResult> {
    const state = await this.look();
    this.plans = this.plan(state);
    for (const plan of this.plans) this.errors.set(plan.name, obstacleError(this.transport, plan));
    if (this.todo().length > 0) {
      await this.loadImages(state);
      await this.stop();
      await this.change(state);
      const settled = await this.start(state);
      const removed = await this.removeRest(state);
      const done = await this.record();
      this.verify(settled && !removed ? withRecords(settled, done) : await this.look());
    }
    return this.errors;
  }

  private async look(): Promise<HostState> {
    const { manifests, remove } = this.wanted;
    const request = { services: remove, manifests, ...(this.facts && { facts: this.facts }) };
    const state = await observe(this.transport, request, this.options.signal);
    this.facts = state.facts;
    return state;
  }

  private plan(state: HostState): ServicePlan[] {
    return [
      ...this.wanted.manifests.map((manifest) => planService(state, manifest)),
      ...this.wanted.remove.map((name) => planRemoval(state, name)),
    ];
  }

  /** The plans that have something to do and have not failed. */
  private todo(): ServicePlan[] {
    return this.plans.filter((plan) => plan.steps.length > 0 && !this.errors.get(plan.name));
  }

  private steps(verb: Verb, kind?: Step['kind']): { plan: ServicePlan; step: Step }[] {
    return this.todo().flatMap((plan) =>
      plan.steps.filter((step) => step.verb === verb && (!kind || step.kind === kind)).map((step) => ({ plan, step })),
    );
  }

  private units(verb: Verb): string[] {
    return this.steps(verb, 'units').map(({ step }) => step.key);
  }

  private tell(plan: ServicePlan, message: string): void {
    this.options.progress?.(plan.path, message);
  }

  /** The rest of a service is not touched when its image can't be had. */
  private async loadImages(state: HostState): Promise<void> {
    const loading = new Set(this.steps('load').map(({ plan }) => plan));
    await writeFiles(this.transport, claims([...loading], state), this.options.signal);
    for (const { plan, step } of this.steps('load')) {
      const image = plan.desired?.images[step.key];
      if (!image) continue;
      this.tell(plan, `load ${step.key}`);
      const archive = this.options.asset(image.asset);
      const { signal } = this.options;
      await this.attempt(plan, () =>
        loadImage(this.transport, { key: step.key, image, archive, service: plan.path, signal }),
      );
    }
  }

  private async attempt(plan: ServicePlan, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error;
      this.errors.set(plan.name, error);
    }
  }

  private async stop(): Promise<void> {
    for (const { plan, step } of this.steps('stop')) this.tell(plan, `stop ${step.key}`);
    // In one go, systemd would stop a service before the timer that may start it again.
    const triggers = this.units('stop').filter((name) => /\.(?:timer|path|socket)$/.test(name));
    const others = this.units('stop').filter((name) => !triggers.includes(name));
    for (const units of [triggers, others]) {
      const { failed, stderr } = await systemctl(this.transport, ['stop'], units, this.options.signal);
      if (!failed) continue;
      throw new ApplyError({
        host: this.transport.address,
        action: `stop ${units.join(', ')}`,
        problem: 'systemctl failed',
        stderr,
      });
    }
  }

  /** Everything that lies on disk, from the record that claims it to the daemon-reload that makes it known. */
  private async change(state: HostState): Promise<void> {
    for (const { plan, step } of this.steps('load')) {
      if (plan.desired?.images[step.key]?.store === 'machines')
        await this.attempt(plan, () => placeRoot(this.transport, step.key, plan.path));
    }
    const { signal } = this.options;
    await writeFiles(this.transport, [...claims(this.todo(), state), ...this.filesToWrite()], signal);
    await noteMountPoints(this.transport, this.todo());
    await this.enablement('disable');
    await removePaths(
      this.transport,
      this.steps('remove', 'files').map(({ step }) => step.key),
      signal,
    );
    await this.enablement('enable');
    const changed = this.todo().some((plan) =>
      plan.steps.some(
        ({ verb, kind }) => (kind === 'files' && verb !== 'record') || ['enable', 'disable'].includes(verb),
      ),
    );
    if (changed && this.todo().some(hasUnits(state))) await daemonReload(this.transport, signal);
    if (this.todo().some(isAboutNetworkd(state))) await reloadNetworkd(this.transport, signal);
  }

  private filesToWrite(): TarFile[] {
    return this.steps('write').flatMap(({ plan, step }) => {
      const file = plan.desired?.files[step.key];
      if (!file) return [];
      this.tell(plan, `write ${step.key}`);
      const content = file.content ?? { file: this.options.asset(file.asset ?? '') };
      return [{ path: step.key, mode: file.mode, owner: file.owner, group: file.group, content }];
    });
  }

  private async enablement(verb: 'enable' | 'disable'): Promise<void> {
    const units = this.units(verb);
    const { failed, stderr } = await systemctl(
      this.transport,
      // Enabled anew, it is no longer started by what it was before.
      [verb === 'enable' ? 'reenable' : verb, '--quiet', '--no-reload'],
      units,
      this.options.signal,
    );
    if (failed)
      throw new ApplyError({
        host: this.transport.address,
        action: `${verb} ${units.join(', ')}`,
        problem: 'systemctl failed',
        stderr,
      });
  }

  /** Starts everything and finds what did not start. Returns the host once all has settled, if anything was started. */
  private async start(state: HostState): Promise<HostState | undefined> {
    for (const verb of ['restart', 'start'] as const) {
      for (const { plan, step } of this.steps(verb)) this.tell(plan, `${verb} ${step.key}: ${step.reason}`);
    }
    const [restart, start] = [this.units('restart'), this.units('start')];
    if (restart.length + start.length === 0) return undefined;
    const all = this.plans.flatMap(({ desired }) => Object.entries(desired?.units ?? {}));
    const units = {
      restart,
      start,
      loaded: [...restart, ...start].filter((name) => state.units.get(name)?.loadState === 'loaded'),
      active: all.filter(([, unit]) => unit.state === 'active').map(([name]) => name),
    };
    const stderr = await startUnits(this.transport, units, this.options.signal);
    const settled = await this.settled([...restart, ...start]);
    for (const { plan, step } of [...this.steps('restart'), ...this.steps('start')]) {
      const unit = settled.units.get(step.key);
      const wanted = plan.desired?.units[step.key]?.state;
      if (wanted === undefined || unit?.activeState === wanted || this.errors.get(plan.name)) continue;
      this.errors.set(plan.name, await unitError(this.transport, plan.path, step.key, unit, stderr));
    }
    return settled;
  }

  /** The host some time after units were started. One that systemd is starting anew on its own gets more of it. */
  private async settled(units: readonly string[]): Promise<HostState> {
    const { signal } = this.options;
    for (let tries = Math.ceil(SETTLE_TIMEOUT_MS / SETTLE_MS); ; tries--) {
      await sleep(SETTLE_MS, undefined, signal ? { signal } : {});
      const state = await this.look();
      const moving = units.some((name) => /^(de)?activating$/.test(state.units.get(name)?.activeState ?? ''));
      if (!moving || tries <= 0) return state;
    }
  }

  /** Removes what nothing uses any more. Returns whether there was anything. */
  private async removeRest(state: HostState): Promise<boolean> {
    const { transport, options } = this;
    const removed = this.removed();
    const records = removed.flatMap(({ name }) => state.records.get(name) ?? []);
    await systemctl(
      transport,
      ['reset-failed'],
      records.flatMap(({ owns }) => owns.units),
    );
    const containers = records
      .filter(({ manifest }) => manifest.runtime === 'podman')
      .flatMap(({ owns }) => owns.units);
    if (containers.length > 0) await removeContainers(transport, containers);
    await removeMountPoints(
      transport,
      records.filter(({ manifest }) => hasMountPoints(manifest)).map(({ manifest }) => manifest.name),
    );
    const images = this.steps('remove', 'images').map(({ step }) => step.key);
    const objects = this.steps('remove', 'objects').map(({ step }) => step.key);
    const isRoot = (key: string) => key.startsWith('/');
    await removeObjects(transport, objects);
    await removeImages(
      transport,
      images.filter((key) => !isRoot(key)),
    );
    // Of one that was never placed, too: its load may have been cut off.
    const unplaced = records.flatMap(({ owns }) => owns.images).filter((key) => !state.images.has(key));
    const roots = new Set([...images, ...unplaced].filter(isRoot));
    await removePaths(transport, [...roots].flatMap(tracesOfRoot), options.signal);
    return removed.length + images.length + objects.length > 0;
  }

  private removed(): ServicePlan[] {
    return this.plans.filter((plan) => !plan.desired && plan.steps.length > 0 && !this.errors.get(plan.name));
  }

  /** Writes down what is done, and forgets what is gone. Returns what it wrote. */
  private async record(): Promise<ServiceRecord[]> {
    const done = this.todo().flatMap(({ desired }) => (desired ? completed(desired) : []));
    await writeFiles(this.transport, done.map(recordFile), this.options.signal);
    const gone = this.removed().map(({ name }) => recordPath(name));
    await removePaths(this.transport, gone, this.options.signal);
    return done;
  }

  /** A plan for the host as it is now must be empty. */
  private verify(state: HostState): void {
    for (const { name, path, steps } of this.plan(state)) {
      const [step] = steps;
      if (!step || this.errors.get(name)) continue;
      const problem = `${step.key} ${step.reason} right after it was applied`;
      this.errors.set(name, new ApplyError({ host: this.transport.address, service: path, action: 'finish', problem }));
    }
  }
}

function withRecords(state: HostState, done: readonly ServiceRecord[]): HostState {
  const records = done.map((record) => [record.manifest.name, record] as const);
  return { ...state, records: new Map([...state.records, ...records]) };
}

function obstacleError(transport: Transport, plan: ServicePlan): ApplyError | undefined {
  const [obstacle] = plan.obstacles;
  return obstacle && new ApplyError({ host: transport.address, service: plan.path, untouched: true, ...obstacle });
}

const hasUnits = (state: HostState) => (plan: ServicePlan) =>
  Object.keys(plan.desired?.units ?? {}).length > 0 || (state.records.get(plan.name)?.owns.units.length ?? 0) > 0;

// Also when its files are right already: an earlier apply may have been cut off before networkd knew of them.
const isAboutNetworkd = (state: HostState) => (plan: ServicePlan) =>
  [...Object.keys(plan.desired?.files ?? {}), ...(state.records.get(plan.name)?.owns.files ?? [])].some(isNetworkdFile);

import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../manifest';
import type { Transport } from '../transport';
import { Agenda, type Progress } from './agenda';
import { claims, completed, recordFile } from './claim';
import { ApplyError } from './errors';
import { loadImage, placeRoot, tracesOfRoot } from './load-image';
import { lock } from './lock';
import { hasMountPoints, noteMountPoints, removeMountPoints } from './mount-points';
import { isNetworkdFile, reloadNetworkd } from './networkd';
import { observe } from './observe';
import { planRemoval, planService } from './plan';
import { recordPath } from './record';
import { removeContainers, removeImages, removeObjects } from './remove-objects';
import type { Scope } from './scope';
import { startUnits } from './start-units';
import { type HostFacts, type HostState, type ServiceRecord, stateFor } from './state';
import type { ServicePlan, Step } from './step';
import type { TarFile } from './tar';
import { daemonReload, requireSystemctl, systemctl, unitError } from './units';
import { prepareUser, removeUser, startManagers } from './users';
import { removePaths, writeFiles } from './write-files';

/** How long a unit must stay up to count as started: one that exits at once is caught by this. */
const SETTLE_MS = 200;

/** How long a unit that failed to start may go on trying by its Restart=. */
const SETTLE_TIMEOUT_MS = 10_000;

export interface ApplyOptions {
  /** Where the asset of that digest lies on this machine. */
  readonly asset: (sha256: string) => string;
  /** Told what is being done, service by service. */
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
  /**
   * The host as it was observed with all that is wanted, since the caller has locked it.
   * @default - the host is locked, and looked at
   */
  readonly state?: HostState | undefined;
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
  const group = new Group(transport, wanted, options);
  if (options.state) return group.run(options.state);
  const held = await lock(transport, options.signal);
  try {
    return await group.run(await group.look());
  } finally {
    await held.release();
  }
}

/** One apply of some services on one host. */
class Group extends Agenda {
  private facts: HostFacts | undefined;

  constructor(
    transport: Transport,
    private readonly wanted: Wanted,
    private readonly options: ApplyOptions,
  ) {
    super(transport, options.progress);
  }

  async run(state: HostState): Promise<ApplyResult> {
    this.facts = state.facts;
    this.plans = this.plan(state);
    for (const plan of this.plans) this.errors.set(plan.name, obstacleError(this.transport, plan));
    if (this.todo().length > 0) {
      await this.prepareUsers(state);
      await this.loadImages(state);
      await this.stop();
      await this.change(state);
      const settled = await this.start(state);
      const removed = await this.removeRest(state);
      const done = await this.record(state);
      this.verify(settled && !removed ? withRecords(settled, done) : await this.look());
    }
    return this.errors;
  }

  look(): Promise<HostState> {
    const { manifests, remove } = this.wanted;
    const request = { services: remove, manifests, ...(this.facts && { facts: this.facts }) };
    return observe(this.transport, request, this.options.signal);
  }

  private plan(state: HostState): ServicePlan[] {
    return [
      ...this.wanted.manifests.map((manifest) => planService(state, manifest)),
      ...this.wanted.remove.map((name) => planRemoval(state, name)),
    ];
  }

  /** What is done later needs the users, and a systemd of each that runs. */
  private async prepareUsers(state: HostState): Promise<void> {
    const steps = this.steps('prepare');
    const preparing = new Set(steps.map(({ plan }) => plan));
    await writeFiles(this.transport, claims([...preparing], state), this.options.signal);
    await this.several(steps, async ({ plan, step }) => {
      const user = plan.desired?.users[step.key];
      if (!user) return;
      this.tell(plan, `prepare user ${step.key}: ${step.reason}`);
      await this.attempt(plan, () => prepareUser(this.transport, step.key, user, plan.path, this.options.signal));
    });
    const users = new Set(this.todo().flatMap(({ user }) => user ?? []));
    await startManagers(
      this.transport,
      [...users].filter((user) => state.users.get(user)?.running === false),
    );
  }

  /** The rest of a service is not touched when its image can't be had. */
  private async loadImages(state: HostState): Promise<void> {
    const loading = new Set(this.steps('load').map(({ plan }) => plan));
    await writeFiles(this.transport, claims([...loading], state), this.options.signal);
    await this.inScopes(async (scope, plans) => {
      for (const { plan, step } of this.steps('load', 'images', plans)) {
        const image = plan.desired?.images[step.key];
        if (!image) continue;
        this.tell(plan, `load ${step.key}`);
        const archive = this.options.asset(image.asset);
        const { signal } = this.options;
        await this.attempt(plan, () => loadImage(scope, { key: step.key, image, archive, service: plan.path, signal }));
      }
    });
  }

  private stop(): Promise<void> {
    for (const { plan, step } of this.steps('stop')) this.tell(plan, `stop ${step.key}`);
    return this.inScopes(async (scope, plans) => {
      const stop = this.units('stop', plans);
      // In one go, systemd would stop a service before the timer that may start it again.
      const triggers = stop.filter((name) => /\.(?:timer|path|socket)$/.test(name));
      const others = stop.filter((name) => !triggers.includes(name));
      for (const units of [triggers, others]) {
        await requireSystemctl(scope, 'stop', ['stop'], units, this.options.signal);
      }
    });
  }

  /** Everything that lies on disk, from the record that claims it to the daemon-reload that makes it known. */
  private async change(state: HostState): Promise<void> {
    for (const { plan, step } of this.steps('load')) {
      if (plan.desired?.images[step.key]?.store === 'machines')
        await this.attempt(plan, () => placeRoot(this.transport, step.key, plan.path));
    }
    const { signal } = this.options;
    const files = this.filesToWrite();
    const removed = this.steps('remove', 'files').map(({ plan, step }) => {
      const home = plan.user && state.users.get(plan.user)?.home;
      const theirs = home && (step.key.startsWith(`${home}/`) || step.key.startsWith('/run/user/'));
      return { path: step.key, by: theirs ? plan.user : undefined };
    });
    const written = (by: string | undefined) => files.flatMap((file) => (file.by === by ? file.file : []));
    await writeFiles(this.transport, [...claims(this.todo(), state), ...written(undefined)], signal);
    await noteMountPoints(this.transport, this.todo());
    await this.enablement('disable');
    await removePaths(
      this.transport,
      removed.flatMap(({ path, by }) => (by === undefined ? path : [])),
      signal,
    );
    await this.enablement('enable');
    await this.inScopes(async (scope, plans) => {
      if (scope.user !== undefined) {
        // As root one would follow whatever links the user has made on the way.
        await writeFiles(scope, written(scope.user), signal);
        await removePaths(
          scope,
          removed.flatMap(({ path, by }) => (by === scope.user ? path : [])),
          signal,
        );
      }
      // Also when its files are right already: an earlier apply may have been cut off before systemd knew of them.
      if (plans.some(hasUnits(state))) await daemonReload(scope, signal);
    });
    if (this.todo().some(isAboutNetworkd(state))) await reloadNetworkd(this.transport, signal);
  }

  /** Files, and the user who writes each; none for root. */
  private filesToWrite(): { readonly file: TarFile; readonly by: string | undefined }[] {
    return this.steps('write').flatMap(({ plan, step }) => {
      const file = plan.desired?.files[step.key];
      if (!file) return [];
      this.tell(plan, `write ${step.key}`);
      const content = file.content ?? { file: this.options.asset(file.asset ?? '') };
      const { mode, owner, group } = file;
      const by = owner === plan.user ? plan.user : undefined;
      return [{ file: { path: step.key, mode, owner, group, content }, by }];
    });
  }

  /** Those of users need none of it: all come from generators. */
  private async enablement(verb: 'enable' | 'disable'): Promise<void> {
    const units = this.units(
      verb,
      this.todo().filter(({ user }) => user === undefined),
    );
    // Enabled anew, it is no longer started by what it was before.
    const args = [verb === 'enable' ? 'reenable' : verb, '--quiet', '--no-reload'];
    await requireSystemctl(this.transport, verb, args, units, this.options.signal);
  }

  /** Starts everything and finds what did not start. Returns the host once all has settled, if anything was started. */
  private async start(state: HostState): Promise<HostState | undefined> {
    for (const verb of ['restart', 'start'] as const) {
      for (const { plan, step } of this.steps(verb)) this.tell(plan, `${verb} ${step.key}: ${step.reason}`);
    }
    const steps = [...this.steps('restart'), ...this.steps('start')];
    if (steps.length === 0) return undefined;
    const said = new Map<string | undefined, string>();
    const { signal } = this.options;
    await this.inScopes(async (scope, plans) => {
      const [restart, start] = [this.units('restart', plans), this.units('start', plans)];
      if (restart.length + start.length === 0) return;
      const { units } = stateFor(state, scope.user);
      const loaded = [...restart, ...start].filter((name) => units.get(name)?.loadState === 'loaded');
      said.set(scope.user, await startUnits(scope, { restart, start, loaded, active: this.active(scope) }, signal));
    });
    const settled = await this.settled(steps);
    for (const { plan, step } of steps) {
      const unit = stateFor(settled, plan.user).units.get(step.key);
      const wanted = plan.desired?.units[step.key]?.state;
      if (wanted === undefined || unit?.activeState === wanted || this.errors.get(plan.name)) continue;
      this.errors.set(plan.name, await unitError(this.transport, plan, step.key, unit, said.get(plan.user) ?? ''));
    }
    return settled;
  }

  /** Units that are to be active in the end, whether anything is to be done about them or not. */
  private active({ user }: Scope): string[] {
    const all = this.plans.flatMap((plan) => (plan.user === user ? Object.entries(plan.desired?.units ?? {}) : []));
    return all.filter(([, unit]) => unit.state === 'active').map(([name]) => name);
  }

  /** The host some time after units were started. One that systemd is starting anew on its own gets more of it. */
  private async settled(steps: readonly { plan: ServicePlan; step: Step }[]): Promise<HostState> {
    const { signal } = this.options;
    for (let tries = Math.ceil(SETTLE_TIMEOUT_MS / SETTLE_MS); ; tries--) {
      await sleep(SETTLE_MS, undefined, signal ? { signal } : {});
      const state = await this.look();
      const moving = steps.some(({ plan, step }) =>
        /^(de)?activating$/.test(stateFor(state, plan.user).units.get(step.key)?.activeState ?? ''),
      );
      if (!moving || tries <= 0) return state;
    }
  }

  /** Removes what nothing uses any more. Returns whether there was anything. */
  private async removeRest(state: HostState): Promise<boolean> {
    const isRoot = (key: string) => key.startsWith('/');
    await this.inScopes(async (scope, plans) => {
      if (scope.user !== undefined && !state.users.has(scope.user)) return;
      const records = plans.flatMap(({ name, desired }) => (desired ? [] : (state.records.get(name) ?? [])));
      const units = records.flatMap(({ owns }) => owns.units);
      await systemctl(scope, ['reset-failed'], units);
      const podman = records.filter(({ manifest }) => manifest.runtime === 'podman');
      if (podman.length > 0)
        await removeContainers(
          scope,
          podman.flatMap(({ owns }) => owns.units),
        );
      const [images, objects] = [this.keys('images', plans), this.keys('objects', plans)];
      await removeObjects(scope, objects);
      await removeImages(
        scope,
        images.filter((key) => !isRoot(key)),
      );
    });
    const [images, objects, users] = [this.keys('images'), this.keys('objects'), this.steps('remove', 'users')];
    const leaving = this.removed().map(({ name }) => name);
    const records = leaving.flatMap((name) => state.records.get(name) ?? []);
    // Of one that was never placed, too: its load may have been cut off.
    const owned = records.flatMap(({ owns }) => owns.images);
    const unplaced = owned.filter((key) => !state.images.has(key));
    const roots = new Set([...images, ...unplaced].filter(isRoot));
    await removePaths(this.transport, [...roots].flatMap(tracesOfRoot), this.options.signal);
    const mounting = records.flatMap(({ manifest }) => (hasMountPoints(manifest) ? manifest.name : []));
    await removeMountPoints(this.transport, mounting);
    await this.several(users, async ({ plan, step }) => {
      this.tell(plan, `remove user ${step.key}`);
      await this.attempt(plan, () => removeUser(this.transport, step.key, leaving, plan.path));
    });
    return leaving.length + images.length + objects.length + users.length > 0;
  }

  /** Writes down what is done, and forgets what is gone. Returns what it wrote. */
  private async record(state: HostState): Promise<ServiceRecord[]> {
    const done = this.todo().flatMap(({ desired }) => (desired ? completed(desired, state) : []));
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

// For the same reason, whatever differs.
const isAboutNetworkd = (state: HostState) => (plan: ServicePlan) =>
  [...Object.keys(plan.desired?.files ?? {}), ...(state.records.get(plan.name)?.owns.files ?? [])].some(isNetworkdFile);

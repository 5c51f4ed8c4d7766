import { isDeepStrictEqual } from 'node:util';
import { type InstanceEngine, isLiveLimit, MADE_FROM, type ObjectPart, previousInstance } from '../../manifest';
import { ApplyError } from '../errors';
import type { Before, Change, Kind, Task, Tools } from '../kind';
import type { Scope } from '../scope';
import { type Answer, fieldsOf } from './answer';
import { fingerprintOf } from './instance-image';
import {
  askAbout,
  askEngine,
  type EngineRequest,
  hasEngine,
  programsOf,
  purposeOf,
  readAnswer,
  STOPPED,
  type Stopped,
} from './instance-request';
import { LEFT_HALFWAY, rootKeptBy } from './root-keeping';

type Texts = Readonly<Record<string, string>>;
type Devices = Readonly<Record<string, Texts>>;

/** What is known of an instance. */
interface ActualInstance {
  readonly type: string;
  /** Without what the engine writes there itself. */
  readonly config: Texts;
  readonly devices: Devices;
  readonly profiles: readonly string[];
  readonly frozen: boolean;
  /** Whether a change that was cut off has left another one aside. */
  readonly halfway?: boolean;
}

/**
 * An instance that its unit starts: the engine makes it, and starts nothing. Whatever of it somebody has changed is a
 * difference, and so is what a profile adds.
 */
export function instance(engine: InstanceEngine): Kind<ActualInstance | Stopped> {
  return {
    name: `${engine.name}-instance`,
    programs: programsOf(engine),
    look: askAbout(engine, '/1.0/instances/&', `/1.0/instances/${aside('&')}`),
    read: (text) =>
      readAnswer(text, (answer, beside) => ({ ...actualOf(answer), ...(isOurs(beside) && { halfway: true }) })),
    asMade: (_name, object) => {
      const { type, config, limits, devices } = wantedOf(object);
      return { type, config: { ...config, ...limits }, devices, profiles: [], frozen: false };
    },
    isSame: (actual) => actual === STOPPED,
    holds: 'was written into it',
    takesBack: true,

    plan(_name, actual, wanted, before): Task[] {
      if (actual === undefined) return [{ phase: 'make', reason: 'is missing', impact: 're-create' }];
      if (actual === STOPPED) return [{ phase: 'make', reason: `${engine.title} is not running` }];
      const another = replacementOf(actual, wanted);
      if (another && !keepsRoot(wanted, before))
        return both(`${another}; the old instance is kept until the next time`, 're-create');
      const { fixed, limits } = differences(actual, wanted);
      if (fixed.length > 0) return both(`differs in ${fixed.join(', ')}`, 'restart');
      if (limits.length > 0) return [{ phase: 'make', reason: `differs in ${limits.join(', ')}` }];
      if (actual.frozen) return [{ phase: 'make', reason: 'is paused' }];
      return actual.halfway ? [{ phase: 'make', reason: LEFT_HALFWAY }] : [];
    },

    async act(phase, scope, changes, tools) {
      if (phase === 'delete' && !(await hasEngine(scope, engine))) return;
      for (const change of changes) await new Instance(scope, engine, change, tools).act(phase);
    },

    keptBy: rootKeptBy((key) => key === `${engine.name}-instance`),
  };
}

const both = (reason: string, impact: 're-create' | 'restart'): Task[] => [
  { phase: 'place', reason, impact },
  { phase: 'make', reason },
];

/** What is taken over, or was left by an earlier service, stays. */
function keepsRoot({ retain }: ObjectPart, { isFirst, adopt }: Before): boolean {
  return isFirst && (retain === true || adopt);
}

/** Why an instance can not become the one that is wanted. */
function replacementOf({ type, config }: ActualInstance, { spec = {} }: ObjectPart): string | undefined {
  if (type !== spec.type) return `is a ${type}, expected a ${spec.type}`;
  return config[MADE_FROM] === spec.image ? undefined : 'is made from another image';
}

function actualOf({ type, config, devices, profiles, status }: Answer): ActualInstance {
  const own = Object.entries(fieldsOf(config)).filter(([key]) => !ofEngine(key)) as [string, string][];
  return {
    type: String(type),
    config: Object.fromEntries(own),
    devices: fieldsOf(devices) as Devices,
    profiles: (profiles ?? []) as string[],
    frozen: status === 'Frozen',
  };
}

/** Keys that the engine writes itself. */
const ofEngine = (key: string) => /^(?:volatile|image)\./.test(key);

function wantedOf({ spec = {} }: ObjectPart) {
  const textsIn = (json: string | undefined) => JSON.parse(json ?? '{}') as Texts;
  return {
    type: spec.type ?? '',
    config: { ...textsIn(spec.config), [MADE_FROM]: spec.image ?? '' },
    limits: textsIn(spec.limits),
    devices: JSON.parse(spec.devices ?? '{}') as Devices,
  };
}

/** The keys in which an instance differs: those that it takes over at a start, and those that it takes over at once. */
function differences(
  actual: ActualInstance,
  wanted: ObjectPart,
): { readonly fixed: string[]; readonly limits: string[] } {
  const { config, limits, devices } = wantedOf(wanted);
  const keys = keysThatDiffer(actual.config, { ...config, ...limits });
  const isLimit = (key: string) => key in limits || (isLiveLimit(key) && !(key in config));
  return {
    fixed: [
      ...keys.filter((key) => !isLimit(key)),
      ...keysThatDiffer(actual.devices, devices).map((name) => `device ${name}`),
      ...(actual.profiles.length > 0 ? [`profiles (${actual.profiles.join(', ')})`] : []),
    ],
    limits: keys.filter(isLimit),
  };
}

function keysThatDiffer(
  actual: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): string[] {
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(actual)])];
  return keys.filter((key) => !isDeepStrictEqual(actual[key], wanted[key])).sort();
}

/** What is done to one instance. */
class Instance {
  constructor(
    private readonly scope: Scope,
    private readonly engine: InstanceEngine,
    private readonly change: Change,
    private readonly tools: Tools,
  ) {}

  async act(phase: string): Promise<void> {
    if (phase === 'delete') await this.remove();
    else if (phase === 'place') await this.makeRoom();
    else await this.make();
  }

  private async remove(): Promise<void> {
    const { name } = this.change;
    await this.delete(name, await this.find(name));
    for (const other of [previousInstance(name), aside(name)]) {
      const there = await this.find(other);
      if (isOurs(there)) await this.delete(other, there);
    }
  }

  /** Another instance makes room, and is kept until it is replaced itself. */
  private async makeRoom(): Promise<void> {
    const { name, wanted } = this.change;
    await this.settle();
    const there = await this.find(name);
    if (!there || !wanted || !replacementOf(actualOf(there), wanted)) return;
    const previous = previousInstance(name);
    const before = await this.find(previous);
    if (before && !isOurs(before))
      throw this.refusal(
        `there is an instance ${previous} that Bulkhead did not create, expected that name to be free`,
      );
    await this.stop(name, there);
    if (this.tools.isBack && before && !replacementOf(actualOf(before), wanted)) {
      await this.rename(name, aside(name));
      await this.rename(previous, name);
      await this.rename(aside(name), previous);
      return;
    }
    await this.delete(previous, before);
    await this.rename(name, previous);
  }

  /** Puts an instance back that was moved aside by a change that was cut off. */
  private async settle(): Promise<void> {
    const { name } = this.change;
    if (!isOurs(await this.find(aside(name)))) return;
    for (const free of [name, previousInstance(name)])
      if (!(await this.find(free))) return this.rename(aside(name), free);
  }

  /** Brings the instance back that a change which was cut off has moved away, and makes room if it is another one. */
  private async recover(wanted: ObjectPart): Promise<void> {
    const { name } = this.change;
    await this.makeRoom();
    if (await this.find(name)) return;
    const previous = previousInstance(name);
    const before = await this.find(previous);
    if (before && isOurs(before) && !replacementOf(actualOf(before), wanted)) await this.rename(previous, name);
  }

  private async rename(from: string, to: string): Promise<void> {
    await this.ask('POST', from, { name: to });
  }

  private async make(): Promise<void> {
    const { name, wanted, service } = this.change;
    if (!wanted) return;
    const { type, config, limits, devices } = wantedOf(wanted);
    const own = { config: { ...config, ...limits }, devices, profiles: [], ephemeral: false };
    let there = await this.find(name);
    if (there) await this.settle();
    else {
      await this.recover(wanted);
      there = await this.find(name);
    }
    if (!there) {
      const image = { name: wanted.spec?.image ?? '', service };
      const fingerprint = await fingerprintOf(this.scope, this.engine, image);
      await this.ask('POST', '', { ...own, name, type, source: { type: 'image', fingerprint } });
      return;
    }
    const actual = actualOf(there);
    const { fixed, limits: changed } = differences(actual, wanted);
    if (fixed.length > 0) await this.stop(name, there);
    if (fixed.length + changed.length > 0) {
      const kept = Object.entries(fieldsOf(there.config)).filter(([key]) => ofEngine(key));
      const { architecture, description } = there;
      const all = { ...own, config: { ...Object.fromEntries(kept), ...own.config }, architecture, description };
      await this.ask('PUT', name, all);
    }
    if (fixed.length === 0 && actual.frozen)
      await this.ask('PUT', `${name}/state`, { action: 'unfreeze', timeout: 30 });
  }

  private async find(name: string): Promise<Answer | undefined> {
    const answer = await this.ask('GET', name);
    return answer === undefined ? undefined : fieldsOf(answer);
  }

  private async delete(name: string, there: Answer | undefined): Promise<void> {
    if (!there) return;
    await this.stop(name, there);
    await this.ask('DELETE', name);
  }

  private async stop(name: string, { status }: Answer): Promise<void> {
    if (status !== 'Stopped') await this.ask('PUT', `${name}/state`, { action: 'stop', force: true, timeout: 30 });
  }

  private ask(method: EngineRequest['method'], path: string, body?: object): Promise<unknown> {
    const { scope, engine, tools } = this;
    const at = path === '' ? '/1.0/instances' : `/1.0/instances/${path}`;
    const mayMiss = path === '' ? {} : ({ mayMiss: true } as const);
    return askEngine(scope, engine, {
      method,
      path: at,
      body,
      ...mayMiss,
      purpose: this.purpose,
      signal: tools.signal,
    });
  }

  private get purpose() {
    return purposeOf(this.engine, 'instance', this.change, this.change.wanted ? 'make' : 'remove');
  }

  private refusal(problem: string): ApplyError {
    return new ApplyError({ host: this.scope.address, ...this.purpose, problem });
  }
}

/** What an instance is called while the one that it has replaced comes back. */
const aside = (name: string) => `${name}-replaced`;

const isOurs = (there: Answer | undefined) => there !== undefined && MADE_FROM in fieldsOf(there.config);

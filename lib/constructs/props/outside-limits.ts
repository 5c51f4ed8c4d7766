import { fail } from '../problem';
import type { DirectiveSet } from './directive-set';

/** Directives that a runtime must apply itself, when it runs the service's processes outside of the unit. */
export const LIMITS = ['MemoryMax', 'CPUQuota', 'TasksMax'] as const;
export type Limit = (typeof LIMITS)[number];

/** Directives of [Service] that apply to the processes of the unit. */
const OF_PROCESSES =
  /^(?:Memory|Startup|CPU|Tasks|IO|BlockIO|Allowed|Device|IPAddress|IPIngress|IPEgress|SocketBind|BPF|Limit|Nice|OOM|UMask|User|Group|DynamicUser|SupplementaryGroups|Root|Bind|Read|Inaccessible|ExecPaths|NoExecPaths|TemporaryFileSystem|Mount|Private|Protect|Restrict|Capability|Ambient|NoNewPrivileges|SystemCall|LockPersonality|Personality|WorkingDirectory|EnvironmentFile|SELinux|AppArmor)/;

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Which program runs the processes outside of the unit, for messages. */
export interface Outside {
  /**
   * What the unit itself runs, and what runs the rest: "ctr alone, and containerd runs the container outside of it".
   */
  readonly runs: string;
  /** Where the user writes the directive instead. */
  readonly instead: string;
  /** What can express only numbers as limits: "config.json of a container". */
  readonly says: string;
}

/** Refuses directives that would not apply to processes outside of the unit. @throws Error */
export function checkReach(set: DirectiveSet, { runs, instead }: Outside, at: string): void {
  const { Service = {} } = set.file(['Service']);
  const lost = Object.keys(Service).find((key) => OF_PROCESSES.test(key) && !LIMITS.some((known) => known === key));
  if (lost !== undefined)
    fail({
      action: 'use in the unit of a container',
      value: lost,
      problem: `the unit runs ${runs}`,
      expected: `its counterpart in ${instead}`,
      at: `${at}.directives.Service.${lost}`,
    });
}

/** The limits of a service as numbers of bytes, CPUs and processes. @throws Error for a limit that is not a number */
export function limitsOf(
  set: DirectiveSet,
  outside: Outside,
  at: string,
): { readonly memory?: number; readonly cpu?: number; readonly tasks?: number } {
  checkReach(set, outside, at);
  return {
    ...limit(set, 'MemoryMax', (value) => ({ memory: bytesOf(value, outside, at) })),
    ...limit(set, 'CPUQuota', (value) => ({ cpu: processorsOf(value, outside, at) })),
    ...limit(set, 'TasksMax', (value) => ({ tasks: tasksOf(value, outside, at) })),
  };
}

function limit<T extends object>(set: DirectiveSet, key: Limit, to: (value: unknown) => T): T | Record<string, never> {
  const value = set.get('Service', key);
  return value === undefined || value === 'infinity' ? {} : to(value);
}

function bytesOf(value: unknown, outside: Outside, at: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(String(value)) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit] ?? Number.NaN));
  const expected = 'bytes, or a number with K, M, G or T such as "512M", known at synthesis';
  return known(bytes, Number.isSafeInteger(bytes), { prop: 'memory', value, expected }, outside, at);
}

function processorsOf(value: unknown, outside: Outside, at: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(String(value))?.[1]);
  const expected = 'CPUs such as 1.5, known at synthesis';
  return known(percent / 100, Number.isFinite(percent), { prop: 'cpu', value, expected }, outside, at);
}

function tasksOf(value: unknown, outside: Outside, at: string): number {
  const expected = 'an integer of 1 or more, known at synthesis';
  return known(Number(value), Number.isSafeInteger(Number(value)), { prop: 'tasks', value, expected }, outside, at);
}

function known(
  number: number,
  isKnown: boolean,
  { prop, value, expected }: { readonly prop: string; readonly value: unknown; readonly expected: string },
  { says }: Outside,
  at: string,
): number {
  if (isKnown && number > 0) return number;
  return fail({
    action: `limit ${prop} to`,
    value,
    problem: `${says} can't express it`,
    expected,
    at: `${at}.${prop}`,
  });
}

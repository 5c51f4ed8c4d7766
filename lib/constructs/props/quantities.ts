import { Token, Tokenization } from '../cdktf';
import { fail } from '../problem';

/** An amount of memory: bytes, or a number with a suffix of base 1024, such as `'512M'` or `'1.5G'`. */
export type Memory = number | `${number}${'' | 'K' | 'M' | 'G' | 'T'}`;

/** A time span: seconds, or a number with a unit, such as `'90s'` or `'5min'`. */
export type Duration = number | `${number}${'ms' | 's' | 'min' | 'h' | 'd'}`;

/** When systemd starts a service again after it has ended. @see systemd.service(5), Restart= */
export type Restart = 'no' | 'on-success' | 'on-failure' | 'on-abnormal' | 'on-watchdog' | 'on-abort' | 'always';

const RESTART: readonly Restart[] = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-watchdog',
  'on-abort',
  'always',
];
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 };

/** Returns the value for MemoryMax=. @param prop Name of the prop, for messages. @throws Error */
export function parseMemory(value: Memory | undefined, at: string, prop = 'memory'): number | string | undefined {
  if (value === undefined) return value;
  if (Token.isUnresolved(value)) return typeof value === 'number' ? Tokenization.stringifyNumber(value) : value;
  const valid = typeof value === 'number' ? Number.isInteger(value) && value > 0 : /^\d+(\.\d+)?[KMGT]?$/.test(value);
  if (!valid || Number.parseFloat(String(value)) === 0)
    fail({
      action: `limit ${prop} to`,
      value,
      problem: 'is not a size',
      expected: 'bytes, or a number with K, M, G or T such as "512M"',
      at: `${at}.${prop}`,
    });
  return value;
}

const UNITS = ['', 'K', 'M', 'G', 'T'];

/**
 * Returns bytes, for a runtime that supports no other unit. @throws Error, also for a value that only Terraform knows
 */
export function memoryBytes(value: Memory | undefined, at: string, prop = 'memory'): number | undefined {
  const checked = parseMemory(value, at, prop);
  if (checked === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(String(checked)) ?? [];
  if (number === '')
    fail({
      action: `limit ${prop} to`,
      value,
      problem: 'is not known at synthesis',
      expected: 'bytes, or a number with K, M, G or T such as "512M"',
      at: `${at}.${prop}`,
    });
  return Math.round(Number(number) * 1024 ** UNITS.indexOf(unit));
}

/** Returns the value for CPUQuota=. @throws Error */
export function parseCpu(value: number | undefined, at: string): `${number}%` | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0.01) || !Number.isFinite(value) || Token.isUnresolved(value))
    fail({
      action: 'limit cpu to',
      value,
      problem: 'is not a number of CPUs',
      expected: '0.01 or more, such as 1.5',
      at: `${at}.cpu`,
    });
  return `${Number((value * 100).toFixed(2))}%`;
}

/** Returns the value for TasksMax=. @throws Error */
export function parseTasks(value: number | undefined, at: string): number | string | undefined {
  if (value === undefined) return value;
  if (Token.isUnresolved(value)) return Tokenization.stringifyNumber(value);
  if (!Number.isInteger(value) || value < 1)
    fail({
      action: 'limit tasks to',
      value,
      problem: 'is not a number of tasks',
      expected: 'an integer of 1 or more',
      at: `${at}.tasks`,
    });
  return value;
}

/** @throws Error */
export function parseRestart(value: Restart | undefined, at: string): Restart | undefined {
  if (value !== undefined && !RESTART.includes(value))
    fail({
      action: 'set restart to',
      value,
      problem: 'is unknown',
      expected: `one of ${RESTART.join(', ')}`,
      at: `${at}.restart`,
    });
  return value;
}

/** Returns seconds. @throws Error */
export function parseDuration(value: Duration | undefined, at: string): number | undefined {
  if (value === undefined) return undefined;
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|min|h|d)?$/.exec(String(value)) ?? [];
  const factor = SECONDS[unit];
  if (number === undefined || factor === undefined)
    fail({
      action: 'wait for',
      value,
      problem: 'is not a duration',
      expected: 'seconds, or a number with ms, s, min, h or d such as "90s"',
      at,
    });
  return Number(number) * factor;
}

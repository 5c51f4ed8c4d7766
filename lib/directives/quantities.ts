import type { KeyEntry } from './catalog';
import { type Forms, matches, range } from './form';
import { parseNumeral } from './numeral';

/** Numbers, sizes and time spans, within the bounds of their key. */

const MOST = 2 ** 64;

type Bounds = Pick<KeyEntry, 'min' | 'max'>;

const within = (amount: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Bounds): boolean =>
  amount >= min && amount <= max && amount < MOST;

export const isInteger = (text: string, bounds: Bounds): boolean => {
  const amount = parseNumeral(text);
  return amount !== undefined && within(amount, bounds);
};
export const isUnsigned = (text: string, { min = 0, max }: Bounds): boolean =>
  isInteger(text, max === undefined ? { min } : { min, max });
export const isPort = (text: string): boolean => isInteger(text, { min: 1, max: 65535 });

/** A number, or a range of them from the lower to the higher. */
export function isRange(text: string, bounds: Bounds): boolean {
  const [first = '', last = first, more] = text.split('-');
  return (
    more === undefined &&
    [first, last].every((end) => isUnsigned(end, bounds)) &&
    Number(parseNumeral(first)) <= Number(parseNumeral(last))
  );
}

const sum = (amounts: readonly number[]) => amounts.reduce((all, amount) => all + amount, 0);

const SIZE = /\+?(\d+(?:\.\d*)?)(?: ?([EPTGMKB])\s*|$)/g;
const SIZES = new RegExp(`^(?:${SIZE.source})+$`);
const LETTERS = 'BKMGTPE';
const isAmountOf =
  (base: 1000 | 1024) =>
  (text: string, { min = 0, max = MOST }: Bounds) => {
    if (!SIZES.test(text)) return false;
    const parts = [...text.matchAll(SIZE)].map(
      ([, amount, unit = 'B']) => [Number(amount), LETTERS.indexOf(unit)] as const,
    );
    // The greater unit comes first, and each once.
    if (parts.some(([, power], index) => index > 0 && power >= (parts[index - 1]?.[1] ?? 0))) return false;
    return within(sum(parts.map(([amount, power]) => amount * base ** power)), { min, max });
  };
export const isSize = isAmountOf(1024);
const isBitRate = isAmountOf(1000);

const DAY = 24 * 3600;
const YEAR = 365.25 * DAY;
const UNITS: readonly (readonly [names: string, seconds: number])[] = [
  ['nsec|ns', 1e-9],
  ['usec|us|µs|μs', 1e-6],
  ['msec|ms', 1e-3],
  ['seconds|second|sec|s', 1],
  ['minutes|minute|min', 60],
  ['months|month|M', YEAR / 12],
  ['m', 60],
  ['hours|hour|hr|h', 3600],
  ['days|day|d', DAY],
  ['weeks|week|w', 7 * DAY],
  ['years|year|y', YEAR],
];
const SECONDS = new Map(UNITS.flatMap(([names, seconds]) => names.split('|').map((name) => [name, seconds] as const)));
const SPAN = new RegExp(
  `\\+?(\\d+(?:\\.\\d+)?|\\.\\d+)(?:\\s*(${UNITS.map(([names]) => names).join('|')})\\s*|\\s+|$)`,
  'g',
);
const SPANS = new RegExp(`^(?:${SPAN.source})+$`);

// Of microseconds in 64 bits.
const MOST_SECONDS = MOST / 1e6;

/** Bounds are in the unit of a bare number. Nanoseconds are known only where they are that unit. */
export function isTimespan(text: string, { unit, min = 0, max }: Bounds & Pick<KeyEntry, 'unit'>): boolean {
  if (text === 'infinity') return max === undefined;
  if (!SPANS.test(text)) return false;
  const spans = [...text.matchAll(SPAN)];
  if (unit !== 'ns' && spans.some(([, , name]) => name?.startsWith('n'))) return false;
  const one = unit === 'ns' ? 1e-9 : 1;
  const seconds = sum(spans.map(([, amount, name]) => Number(amount) * (SECONDS.get(name ?? '') ?? one)));
  return within(Number((seconds / one).toFixed(6)), {
    min,
    max: max ?? (unit === 'ns' ? MOST / 2 - 2048 : MOST_SECONDS),
  });
}

const PARTS = { '%': 100, '‰': 1000, '‱': 10000 } as const;
const PERCENT = /^(?:\d+(?:\.\d{1,2})?%|\d+(?:\.\d)?‰|\d+‱)$/;
/** A part of something, within bounds in percent. */
export const isPercent = (text: string, bounds: Bounds = {}): boolean => {
  const whole = PARTS[text.slice(-1) as keyof typeof PARTS] ?? 1;
  return PERCENT.test(text) && within((Number(text.slice(0, -1)) / whole) * 100, bounds);
};
const FRACTION = /^(\d+(?:\.\d{1,2})?)([%‰‱])$/;
/** A part of one in steps of `1 / parts`. */
const isFraction = (parts: number) => (text: string) => {
  const [, amount, mark] = FRACTION.exec(text) ?? [];
  if (amount === undefined) return false;
  const steps = (Number(amount) * parts) / PARTS[mark as keyof typeof PARTS];
  return steps <= parts && Number.isInteger(Number(steps.toFixed(6)));
};

const isRlimit =
  (item: (text: string, bounds: Bounds) => boolean, amountOf: (text: string) => number | undefined = Number) =>
  (text: string) => {
    const limits = text.split(':');
    if (limits.length > 2 || !limits.every((limit) => limit === 'infinity' || item(limit, {}))) return false;
    const [soft, hard = soft] = limits.map((limit) =>
      limit === 'infinity' ? Number.POSITIVE_INFINITY : amountOf(limit),
    );
    return !(Number(soft) > Number(hard));
  };

export const QUANTITIES: Forms = {
  unsigned: { test: isUnsigned, expected: range('a number') },
  integer: { test: isInteger, expected: range('a number') },
  'enum-or-unsigned': { test: isUnsigned, expected: ({ enum: values }) => `one of ${values?.join(', ')} or a number` },
  'unsigned-or-infinity': { test: isUnsigned, expected: 'a number or infinity' },
  'unsigned-or-percent-or-infinity': {
    test: (text, entry) => isUnsigned(text, entry) || isPercent(text, { max: 100 }),
    expected: 'a number, a percentage such as 50%, or infinity',
  },
  range: { test: isRange, expected: range('a number, or first-last') },
  weight: { test: (text) => isUnsigned(text, { min: 1, max: 10000 }), expected: 'a number from 1 to 10000' },
  'weight-or-idle': {
    test: (text) => isUnsigned(text, { min: 1, max: 10000 }),
    expected: 'a number from 1 to 10000, or idle',
  },
  hexadecimal: {
    test: (text, entry) => /^\+?(?:0x)?[0-9a-f]{1,16}$/i.test(text) && within(Number.parseInt(text, 16), entry),
    expected: ({ max = 0 }) => `a hexadecimal number up to ${max.toString(16)}`,
  },
  percent: { test: isPercent, expected: 'a percentage such as 50%' },
  permille: { test: isFraction(1000), expected: 'a percentage up to 100% such as 87.5%' },
  permyriad: { test: isFraction(10000), expected: 'a percentage up to 100% such as 0.25%' },
  'bit-rate': { test: isBitRate, expected: range('bits per second such as 100M or 1G') },
  size: { test: isSize, expected: range('bytes, or a size such as 512M (K, M, G, T, P, E)') },
  'size-or-percent-or-infinity': {
    test: (text, entry) => isPercent(text, entry.min ? { min: 0.01, max: 100 } : { max: 100 }) || isSize(text, entry),
    expected: 'a size such as 512M (K, M, G, T, P, E), a percentage such as 50%, or infinity',
  },
  timespan: {
    test: isTimespan,
    expected: (entry) => range('a time span such as 90s or 5min 30s', entry.unit ?? 's')(entry),
  },
  'go-duration': {
    test: matches(/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/),
    expected: 'a duration such as 90s or 1m30s',
  },
  'rlimit-count': { test: isRlimit(isUnsigned, parseNumeral), expected: 'a limit such as 1024, infinity or soft:hard' },
  rlimit: { test: isRlimit(isSize), expected: 'a limit such as 1024, 8M, infinity or soft:hard' },
  'cpu-list': {
    test: (text) => text.split(',').every((cpus) => isRange(cpus, { max: 8191 })),
    expected: 'numbers and ranges such as 0-3',
  },
  'rlimit-time': { test: isRlimit(isTimespan), expected: 'a limit such as 60, 1h, infinity or soft:hard' },
};

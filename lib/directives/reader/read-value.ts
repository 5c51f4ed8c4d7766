import type { KeyEntry } from '../catalog';
import { isSignal } from '../check-value';
import { parseNumeral } from '../numeral';
import { Raw, Reset } from '../values';
import { VARIABLE_KINDS } from '../word';
import { literal, SIGNS, signsOf } from './literal';
import { commandsOf } from './read-command';
import { type ReadWord, wordsOf } from './read-words';

/** Whose words the values of a section are. */
export type Rules = 'systemd' | 'quadlet';

/** What one line of a key holds: values, or words that name variables. @throws TextProblem */
export function readLine(text: string, entry: KeyEntry, rules: Rules): unknown[] {
  if (VARIABLE_KINDS.has(entry.kind)) return variables(wordsOf(text, entry), entry);
  if (entry.kind === 'command' && entry.class === 'exec') return commandsOf(text, entry);
  return valuesOf(text, entry, rules);
}

/** The value of a key from what its lines hold, as the writers take it; nothing if they hold nothing. */
export function joinLines(lines: readonly unknown[][], emptied: boolean, entry: KeyEntry): unknown {
  const values = VARIABLE_KINDS.has(entry.kind) ? joinVariables(lines.flat() as (Variables | Raw)[]) : lines.flat();
  if (emptied) return new Reset(values);
  const single = VARIABLE_KINDS.has(entry.kind)
    ? values.length === 1
    : !entry.repeat && !entry.list && entry.kind !== 'command';
  if (single) return values[0];
  return values.length === 0 ? undefined : values;
}

function valuesOf(line: string, entry: KeyEntry, rules: Rules): unknown[] {
  const mark = entry.negate && line.startsWith(entry.negate) ? entry.negate : '';
  return wordsOf(line.slice(mark.length), entry).map((word) => {
    const text = literal(word, SIGNS[signsOf(entry)]);
    return typeof text === 'string' ? typed(mark + text, entry, rules) : text;
  });
}

const TRUE = { systemd: /^(?:yes|true|on|1|y|t)$/i, quadlet: /^(?:yes|true|on|1)$/i };
// To Quadlet everything else is false; what does not read so is left for the check to refuse.
const FALSE = { systemd: /^(?:no|false|off|0|n|f)$/i, quadlet: /^(?:no|false|off|0|)$/i };

function typed(text: string, entry: KeyEntry, rules: Rules): string | number | boolean {
  if (entry.boolean || entry.kind.startsWith('boolean') || entry.kind === 'private-users') {
    if (TRUE[rules].test(text)) return true;
    if (FALSE[rules].test(text)) return false;
  }
  const canonical = entry.aliases?.[text] ?? text;
  if (entry.kind === 'capability') return capability(canonical, entry, rules);
  if (SIGNALS.has(entry.kind) && isSignal(`SIG${canonical}`)) return `SIG${canonical}`;
  const number = NUMBERS.has(entry.kind) ? parseNumeral(canonical) : undefined;
  return number !== undefined && Number.isSafeInteger(number) ? number : canonical;
}

/** Quadlet takes any case, and names without CAP_; here there is one way to write them. */
function capability(text: string, { literals = [] }: KeyEntry, rules: Rules): string {
  if (rules === 'systemd') return text;
  if (literals.includes(text.toLowerCase())) return text.toLowerCase();
  return text.toUpperCase().replace(/^(?!CAP_)/, 'CAP_');
}

// Their names may come without SIG.
const SIGNALS: ReadonlySet<string> = new Set(['signal', 'exit-status-or-signal']);

const NUMBERS: ReadonlySet<string> = new Set([
  'unsigned',
  'integer',
  'weight',
  'weight-or-idle',
  'unsigned-or-infinity',
  'unsigned-or-percent-or-infinity',
  'enum-or-unsigned',
  'port',
  'vlan-id',
  'rlimit-count',
  'signal',
  'exit-status-or-signal',
  'errno',
  'partition-key',
]);

type Variables = Record<string, string | Raw>;

/** A record for each word. */
function variables(words: readonly ReadWord[], entry: KeyEntry): (Variables | Raw)[] {
  const sign = SIGNS[signsOf(entry)];
  return words.map((word) => {
    const text = literal(word, sign);
    const [, name, rest] = /^([^\s=\0"'\\]+)=(.*)$/s.exec(text instanceof Raw ? text.text : text) ?? [];
    if (name === undefined || rest === undefined || (text instanceof Raw && sign.test(name)))
      return new Raw(word.source);
    return { [name]: text instanceof Raw ? new Raw(rest) : rest };
  });
}

/** What is wrong with a word that names no variable, where the parser drops such; the host knows specifiers. */
export function problemOfName(value: unknown, entry: KeyEntry): string | undefined {
  if (!NEEDS_VALUE.has(entry.kind) || !(value instanceof Raw)) return undefined;
  // "%%" and "$$" are the signs themselves.
  if (SIGNS[signsOf(entry)].test(value.text.replace(/%%|\$\$/g, ''))) return undefined;
  return `${JSON.stringify(value.text)} is not an assignment, expected NAME=value`;
}

// Quadlet hands a name alone on to podman, since 5.8 also as one.
const NEEDS_VALUE: ReadonlySet<string> = new Set(['environment', 'journal-field']);

// A name that comes twice begins another record, so that none is lost.
function joinVariables(items: readonly (Variables | Raw)[]): (Variables | Raw)[] {
  const records: (Variables | Raw)[] = [];
  for (const item of items) {
    const last = records.at(-1);
    const [name] = Object.keys(item);
    if (
      item instanceof Raw ||
      last === undefined ||
      last instanceof Raw ||
      name === undefined ||
      Object.hasOwn(last, name)
    )
      records.push(item instanceof Raw ? item : { ...item });
    else Object.assign(last, item);
  }
  return records;
}

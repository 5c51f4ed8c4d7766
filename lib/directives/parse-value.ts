import type { KeyEntry } from './catalog';
import { isSignal } from './check-value';
import { QUADLET_CLASSES } from './escape';
import { type ScanRule, scanWords } from './scan-words';
import { tuple } from './tuple';
import { type Argv, type Command, type CommandPrefix, Raw, Reset } from './values';
import { VARIABLE_KINDS } from './word';

/** The value of a key from its assignments, as the writers take it. @throws TextProblem */
export function parseValue(lines: readonly string[], entry: KeyEntry): unknown {
  const last = lines.lastIndexOf('');
  const items = (entry.repeat ? lines.slice(last + 1) : lines.slice(-1)).filter((line) => line !== '');
  const values =
    entry.kind === 'command' && entry.class === 'exec'
      ? items.flatMap((line) => commands(line, entry))
      : read(items, entry);
  const emptied = entry.reset && (entry.repeat ? last >= 0 : entry.list && items.length === 0);
  if (emptied) return new Reset(values);
  if (VARIABLE_KINDS.has(entry.kind)) return values.length === 1 ? values[0] : values;
  if (entry.repeat || entry.list || entry.kind === 'command') return values;
  return values[0] ?? '';
}

function read(lines: readonly string[], entry: KeyEntry): unknown[] {
  if (VARIABLE_KINDS.has(entry.kind))
    return variables(
      lines.flatMap((line) => wordsOf(line, entry)),
      entry,
    );
  return lines.flatMap((line) => {
    const mark = entry.negate && line.startsWith(entry.negate) ? entry.negate : '';
    return wordsOf(line.slice(mark.length), entry).map((word) => {
      const text = literal(word, SIGNS[signs(entry)]);
      return typeof text === 'string' ? typed(mark + text, entry) : text;
    });
  });
}

/** A word of a line: as it stands there, and what the parser makes of it. */
interface Word {
  readonly source: string;
  readonly value: string;
}

const C: ScanRule = { separators: ' ', quotes: true, backslash: 'c' };
const UNQUOTE: ScanRule = { separators: ' ', quotes: true, backslash: 'char' };
const STRV: ScanRule = { separators: ' ', quotes: true, backslash: 'keep' };
const BARE: ScanRule = { separators: ' ', quotes: false, backslash: 'keep' };
const PART: ScanRule = { separators: ':', quotes: false, backslash: 'char' };
const PART_C: ScanRule = { separators: ':', quotes: false, backslash: 'c' };

function wordsOf(line: string, entry: KeyEntry): Word[] {
  switch (entry.class) {
    case 'args':
    case 'c':
      return scanWords(line, C);
    case 'unquote':
      return scanWords(line, UNQUOTE);
    case 'strv':
    case 'words':
      return scanWords(line, STRV);
    case 'plain':
    case 'retain':
      return entry.list === 'comma' ? line.split(/[\s,]+/).map(bare) : scanWords(line, BARE);
    case 'colon':
      return scanWords(line, { ...UNQUOTE, separators: ':' });
    case 'text-c':
    case 'credential-c':
      return scanWords(line, { separators: '', quotes: false, backslash: 'c' });
    case 'last':
      return [{ source: line, value: /^"(.*)"$/.exec(line)?.[1] ?? line }];
    default:
      return tuplesOf(line, entry) ?? [bare(line)];
  }
}

// Values of several parts, which keep the separator between them.
function tuplesOf(line: string, entry: KeyEntry): Word[] | undefined {
  switch (entry.class) {
    case 'tuple': {
      const parts = scanWords(line, { ...UNQUOTE, separators: ' :' });
      const ends = parts.flatMap(({ end }, index) => (end === ':' ? [] : [index + 1]));
      return ends.map((end, index) => join(parts.slice(ends[index - 1] ?? 0, end)));
    }
    case 'tuple-c':
      return scanWords(line, STRV).map(({ source, value }) => ({ ...join(scanWords(value, PART_C)), source }));
    case 'colon-raw':
      return [{ ...join(scanWords(line, PART)), source: line }];
    case 'path-options':
      return scanWords(line, UNQUOTE).map(({ source, value }) => {
        const path = scanWords(value, PART)[0];
        return { source, value: path ? tuple(path.value, value.slice(path.source.length + 1)) : value };
      });
    case 'device': {
      const [device, ...rest] = scanWords(line, UNQUOTE);
      return [{ source: line, value: [device?.value, ...rest.map(({ source }) => source)].join(' ') }];
    }
    default:
      return undefined;
  }
}

function join(parts: readonly Word[]): Word {
  return {
    source: parts.map(({ source }) => source).join(':'),
    value: tuple(...parts.map(({ value }) => value)),
  };
}

function bare(text: string): Word {
  return { source: text, value: text };
}

/** Signs that stand for themselves when doubled, and for something else when not. */
const SIGNS = { none: /(?!)/, specifiers: /%/, variables: /\$/, both: /[%$]/ } as const;

function signs(entry: KeyEntry): keyof typeof SIGNS {
  if (!entry.specifiers) return 'none';
  return QUADLET_CLASSES.has(entry.class ?? 'raw') ? 'both' : 'specifiers';
}

function literal({ source, value }: Word, sign: RegExp): string | Raw {
  const undone = value.replace(/(%%|\$\$)/g, (pair) => (sign.test(pair) ? `\0${pair.charAt(0)}` : pair));
  return sign.test(undone.replace(/\0./g, '')) ? new Raw(source) : undone.replaceAll('\0', '');
}

function typed(text: string, entry: KeyEntry): string | number | boolean {
  if (entry.boolean || entry.kind.startsWith('boolean')) {
    if (/^(?:yes|true|on|1|y|t)$/i.test(text)) return true;
    if (/^(?:no|false|off|0|n|f)$/i.test(text)) return false;
  }
  if (SIGNALS.has(entry.kind) && isSignal(`SIG${text}`)) return `SIG${text}`;
  return NUMBERS.has(entry.kind) && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

// Their names may come without SIG; here there is one way to write them.
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
]);

type Variables = Record<string, string | Raw>;

// A name that comes twice begins another record, so that none is lost.
function variables(words: readonly Word[], entry: KeyEntry): (Variables | Raw)[] {
  const records: (Variables | Raw)[] = [];
  for (const word of words) {
    const text = literal(word, SIGNS[signs(entry)]);
    const [, name, rawText] = /^([^\s=\0"'\\]+)=(.*)$/s.exec(text instanceof Raw ? text.text : text) ?? [];
    if (name === undefined || rawText === undefined) {
      records.push(new Raw(word.source));
      continue;
    }
    const last = records.at(-1);
    const record = last === undefined || last instanceof Raw || name in last ? {} : last;
    if (record !== last) records.push(record);
    record[name] = text instanceof Raw ? new Raw(rawText) : rawText;
  }
  return records;
}

const PREFIX_ORDER = ['-', '@', '|', ':', '+', '!!', '!'];

function commands(line: string, entry: KeyEntry): (Argv | Command)[] {
  const found: (Argv | Command)[] = [];
  let words: Word[] = [];
  for (const word of [...scanWords(line, C), bare(';')]) {
    if (word.source !== ';') words.push(word.source === '\\;' ? { source: '";"', value: ';' } : word);
    else if (words.length > 0) {
      found.push(command(words, entry));
      words = [];
    }
  }
  return found;
}

function command(words: readonly Word[], entry: KeyEntry): Argv | Command {
  const marks = /^[-@:+!|]*/.exec(words[0]?.value ?? '')?.[0] ?? '';
  const argv = words.map(({ source, value }, index) => {
    const program = index === 0;
    const word = program ? { source: source.replace(marks, ''), value: value.slice(marks.length) } : { source, value };
    const expands = !program && !marks.includes(':');
    return literal(word, SIGNS[entry.specifiers ? (expands ? 'both' : 'specifiers') : expands ? 'variables' : 'none']);
  });
  if (marks === '') return argv;
  const prefix = PREFIX_ORDER.filter((mark) => (mark === '!' ? /(?<!!)!(?!!)/.test(marks) : marks.includes(mark))).join(
    '',
  );
  return { argv, prefix: prefix as CommandPrefix };
}

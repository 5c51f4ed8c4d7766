import type { KeyEntry } from '../catalog';
import { TextProblem } from '../text';
import { tuple } from '../tuple';
import { type ScanRule, scanWords } from './scan-words';

/** A word of a line: as it stands there, and what the parser makes of it. */
export interface ReadWord {
  readonly source: string;
  readonly value: string;
}

export const EXEC: ScanRule = { separators: ' ', quotes: true, backslash: 'c' };
const C: ScanRule = { ...EXEC, unknown: 'refuse' };
const ARGS: ScanRule = { ...C, relaxed: true, emptyEnds: true };
const UNQUOTE: ScanRule = { separators: ' ', quotes: true, backslash: 'char' };
const STRV: ScanRule = { separators: ' ', quotes: true, backslash: 'keep' };
const BARE: ScanRule = { separators: ' ', quotes: false, backslash: 'keep' };
const PART: ScanRule = { separators: ':', quotes: false, backslash: 'char' };
const PART_C: ScanRule = { separators: ':', quotes: false, backslash: 'c' };

/** The words of one line of a key. @throws TextProblem */
export function wordsOf(line: string, entry: KeyEntry): ReadWord[] {
  switch (entry.class) {
    case 'args':
      return scanWords(line, ARGS);
    case 'c':
      return scanWords(line, C);
    case 'unquote':
      return scanWords(line, UNQUOTE);
    case 'strv':
      return scanWords(line, STRV);
    case 'words':
      return scanWords(line, { ...STRV, emptyEnds: true });
    case 'plain':
    case 'retain':
      if (entry.list === 'comma') return line.split(/[\s,]+/).map(bare);
      return scanWords(line, entry.unquotes ? STRV : BARE);
    case 'colon':
      return scanWords(line, { ...UNQUOTE, separators: ':' });
    case 'text-c':
    case 'credential-c':
      return scanWords(line, { separators: '', quotes: false, backslash: 'c', unknown: 'refuse' });
    case 'last':
      return [{ source: line, value: /^"(.*)"$/s.exec(line)?.[1] ?? line }];
    default:
      return tuplesOf(line, entry) ?? [bare(line)];
  }
}

// Values of several parts, which keep the separator between them.
function tuplesOf(line: string, entry: KeyEntry): ReadWord[] | undefined {
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
      if (entry.kind === 'device-allow' && !rest.every(({ value }) => /^[rwm]+$/.test(value)))
        throw new TextProblem('has unknown access rights, expected r, w and m');
      return [{ source: line, value: [device?.value, ...rest.map(({ source }) => source)].join(' ') }];
    }
    default:
      return undefined;
  }
}

function join(parts: readonly ReadWord[]): ReadWord {
  return {
    source: parts.map(({ source }) => source).join(':'),
    value: tuple(...parts.map(({ value }) => value)),
  };
}

export function bare(text: string): ReadWord {
  return { source: text, value: text };
}

import { TextProblem } from './text';

/** How a text is cut into words. */
export interface ScanRule {
  /** Characters between words; blanks in a row count as one. */
  readonly separators: '' | ' ' | ':' | ' :';
  /** Quotes group, and are taken away. */
  readonly quotes: boolean;
  /** A backslash: `c` as in C, `char` takes the next character as it is, `keep` means nothing. */
  readonly backslash: 'c' | 'char' | 'keep';
}

export interface Word {
  /** The word as it stands in the file. */
  readonly source: string;
  /** What the parser makes of it. */
  readonly value: string;
  /** The separator behind it; empty at the end. */
  readonly end: string;
}

/** Cuts a line into words. @throws TextProblem for a quote that nothing closes. */
export function scanWords(text: string, rule: ScanRule): Word[] {
  const words: Word[] = [];
  let position = 0;
  const blanks = rule.separators.includes(' ');
  while (true) {
    if (blanks) position += /^[ \t]*/.exec(text.slice(position))?.[0].length ?? 0;
    const previous = words.at(-1);
    if (position >= text.length && previous?.end !== ':') return words;
    const word = scanWord(text, position, rule);
    words.push(word);
    position += word.source.length + word.end.length;
  }
}

function scanWord(text: string, start: number, { separators, quotes, backslash }: ScanRule): Word {
  const bytes: Buffer[] = [];
  let quote = '';
  let position = start;
  for (; position < text.length; position++) {
    const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
    if (character === '\\' && backslash !== 'keep') {
      const separator = separators.includes(':') && text.charAt(position + 1) === ':';
      const rest = text.slice(position);
      const escaped = backslash === 'c' && !separator ? unescapeC(rest) : takeNext(rest);
      bytes.push(escaped.bytes);
      position += escaped.length - 1;
    } else if (quotes && character === quote) quote = '';
    else if (quotes && quote === '' && (character === '"' || character === "'")) quote = character;
    else if (quote === '' && separates(character, separators)) break;
    else {
      bytes.push(Buffer.from(character));
      position += character.length - 1;
    }
  }
  if (quote !== '') throw new TextProblem(`has a ${quote} that nothing closes, expected another`);
  return {
    source: text.slice(start, position),
    value: Buffer.concat(bytes).toString('utf8'),
    end: text.charAt(position),
  };
}

function separates(character: string, separators: string): boolean {
  return separators.includes(character) || (character === '\t' && separators.includes(' '));
}

interface Escape {
  readonly bytes: Buffer;
  /** Characters of the escape, with its backslash. */
  readonly length: number;
}

function takeNext(text: string): Escape {
  const next = text.slice(1, 2);
  return { bytes: Buffer.from(next), length: 1 + next.length };
}

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** The C escape that a text begins with; one that is none stands for itself. */
function unescapeC(text: string): Escape {
  const byte = /^\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2}))/.exec(text);
  if (byte) {
    const code = byte[1] ? Number.parseInt(byte[1], 16) : Number.parseInt(byte[2] ?? '', 8);
    return { bytes: Buffer.from([code]), length: byte[0].length };
  }
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text);
  if (unicode) {
    const code = Number.parseInt(unicode[1] ?? unicode[2] ?? '', 16);
    return { bytes: Buffer.from(String.fromCodePoint(code)), length: unicode[0].length };
  }
  const named = NAMED[text.charAt(1)];
  return named === undefined
    ? { bytes: Buffer.from(text.slice(0, 2)), length: Math.min(2, text.length) }
    : { bytes: Buffer.from(named), length: 2 };
}

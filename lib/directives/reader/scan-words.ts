import { TextProblem } from '../text';

/** How a text is cut into words. */
export interface ScanRule {
  /** Characters between words; blanks in a row count as one. */
  readonly separators: '' | ' ' | ':' | ' :';
  /** Quotes group, and are taken away. */
  readonly quotes: boolean;
  /** A backslash: `c` as in C, `char` takes the next character as it is, `keep` means nothing. */
  readonly backslash: 'c' | 'char' | 'keep';
  /** What becomes of a line with an escape that C does not have. @default 'keep' */
  readonly unknown?: 'keep' | 'refuse';
  /** The line's end closes a quote. */
  readonly relaxed?: true;
  /** The parser takes an empty word for the end of the list. */
  readonly emptyEnds?: true;
}

export interface Word {
  /** The word as it stands in the file. */
  readonly source: string;
  /** What the parser makes of it. */
  readonly value: string;
  /** The separator behind it; empty at the end. */
  readonly end: string;
}

/** Cuts a line into words. @throws TextProblem for what makes the parser drop the line, or a part of it. */
export function scanWords(text: string, rule: ScanRule): Word[] {
  const words: Word[] = [];
  let position = 0;
  const blanks = rule.separators.includes(' ');
  while (true) {
    if (blanks) while (separates(text.charAt(position), ' ')) position++;
    const previous = words.at(-1);
    if (position >= text.length && previous?.end !== ':') return words;
    const word = scanWord(text, position, rule);
    if (rule.emptyEnds && word.value === '')
      throw new TextProblem('has an empty word, and the list ends there, expected text');
    words.push(word);
    position += word.source.length + word.end.length;
  }
}

function scanWord(text: string, start: number, rule: ScanRule): Word {
  const { separators, quotes, backslash } = rule;
  const bytes: Buffer[] = [];
  let quote = '';
  let position = start;
  for (; position < text.length; position++) {
    const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
    if (character === '\\' && backslash !== 'keep') {
      const separator = separators.includes(':') && text.charAt(position + 1) === ':';
      const rest = text.slice(position);
      const escaped = backslash === 'c' && !separator ? unescapeC(rest) : takeNext(rest);
      if (escaped.unknown && (rule.unknown === 'refuse' || (rest === '\\' && backslash === 'char')))
        throw new TextProblem(`has the unknown escape "${rest.slice(0, 2)}", expected "\\\\" for a backslash`);
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
  if (quote !== '' && !rule.relaxed) throw new TextProblem(`has a ${quote} that is not closed, expected another`);
  return {
    source: text.slice(start, position),
    value: Buffer.concat(bytes).toString('utf8'),
    end: text.charAt(position),
  };
}

function separates(character: string, separators: string): boolean {
  if (character === '') return false;
  return separators.includes(character) || ('\t\n\r'.includes(character) && separators.includes(' '));
}

interface Escape {
  readonly bytes: Buffer;
  /** Characters of the escape, with its backslash. */
  readonly length: number;
  /** C does not have the escape. */
  readonly unknown?: boolean;
}

function takeNext(text: string): Escape {
  const next = text.length > 1 ? String.fromCodePoint(text.codePointAt(1) ?? 0) : '';
  return { bytes: Buffer.from(next), length: 1 + next.length, unknown: next === '' };
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

/** The C escape that a text begins with; an unknown one stands for itself. A NUL byte can't be written. */
function unescapeC(text: string): Escape {
  const byte = /^\\(?:x(?!00)([0-9a-fA-F]{2})|(?!000)([0-3][0-7]{2}))/.exec(text);
  if (byte) {
    const code = byte[1] ? Number.parseInt(byte[1], 16) : Number.parseInt(byte[2] ?? '', 8);
    return { bytes: Buffer.from([code]), length: byte[0].length };
  }
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text);
  const code = Number.parseInt(unicode?.[1] ?? unicode?.[2] ?? '', 16);
  if (unicode && code > 0 && code <= 0x10ffff)
    return { bytes: Buffer.from(String.fromCodePoint(code)), length: unicode[0].length };
  const named = NAMED[text.charAt(1)];
  const character = String.fromCodePoint(text.codePointAt(1) ?? 0);
  return named === undefined
    ? {
        bytes: Buffer.from(text.length > 1 ? `\\${character}` : text),
        length: text.length > 1 ? 1 + character.length : 1,
        unknown: true,
      }
    : { bytes: Buffer.from(named), length: 2 };
}

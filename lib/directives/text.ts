import type { Raw } from './values';

/** Text that stands for a value not known yet, such as an unresolved Terraform token inside a string. */
export interface TokenEscaper {
  /** Finds the tokens in a text; has the `g` flag. */
  readonly pattern: RegExp;
  /**
   * The token again, wrapped so that these replacements, one after the other, are made to its value once it is known.
   * It is an error then if the value as a whole does not match `valid`, which is in the syntax of RE2.
   */
  escape(token: string, replacements: Replacements, valid?: string): string;
}

/** Replacements made one after the other to a whole text. */
export type Replacements = readonly (readonly [from: string, to: string])[];

/** Has a text that can't be written: what is wrong with it, and what is expected. */
export class TextProblem extends Error {}

/** A literal text, or a token. */
export interface Part {
  readonly text: string;
  readonly token: boolean;
}

/** Cuts a text at its tokens. */
export function splitTokens(text: string, tokens: { readonly pattern: RegExp } | undefined): Part[] {
  if (!tokens || text.search(tokens.pattern) < 0) return [{ text, token: false }];
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(tokens.pattern)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), token: false });
    parts.push({ text: match[0], token: true });
    end = match.index + match[0].length;
  }
  if (end < text.length || text === '') parts.push({ text: text.slice(end), token: false });
  return parts;
}

/** Whether a value holds a token, and so can't be looked into. */
export function hasToken(text: string, tokens: { readonly pattern: RegExp } | undefined): boolean {
  return tokens !== undefined && text.search(tokens.pattern) >= 0;
}

/** What is not valid UTF-8 to systemd, which drops the line that holds it. */
export const NOT_UTF8 = /\p{Surrogate}|\p{Noncharacter_Code_Point}/u;
const LINE_BREAK: Replacements = [
  ['\n', ' '],
  ['\r', ' '],
];

/**
 * Whether a text is a short word that means the same to every parser, as nearly all are: no rule replaces any of it, nor
 * quotes it, and no token looks like it.
 */
export function isPlain(text: string): boolean {
  return /^[\w/.,=@~-]{1,64}$/.test(text);
}

/** Whether a value is nothing but tokens, and so may turn out to be empty. */
export function isToken(text: string, tokens: { readonly pattern: RegExp } | undefined): boolean {
  return splitTokens(text, tokens).every((part) => part.token);
}

/** How the words of one escaping class are written. */
export interface WordRule {
  /** What becomes of the characters that mean something to the parser. */
  readonly replacements: Replacements;
  /** Control characters have an escape of their own. */
  readonly hex?: true;
  /** In double quotes, or as it is where nothing in it needs them. `never`: the parser takes quotes literally. */
  readonly quote?: 'if-needed' | 'never';
  /** What a token's value must match. */
  readonly valid?: string;
}

/** Writes a text as one word of a rule. @throws TextProblem */
export function writeWord(text: string, rule: WordRule, tokens?: TokenEscaper): string {
  if (isPlain(text)) return text;
  if (NOT_UTF8.test(text)) throw new TextProblem('has a character that is not valid UTF-8, expected text');
  if (text.includes('\0')) throw new TextProblem('has a NUL byte, expected text');
  const parts = splitTokens(text, tokens);
  const escaped = parts.map((part) => (part.token && tokens ? escapeToken(part, rule, tokens) : literal(part, rule)));
  const quoted = rule.quote === 'if-needed' && !(parts.every((part) => !part.token) && SAFE.test(text));
  return quoted ? `"${escaped.join('')}"` : escaped.join('');
}

const SAFE = /^(?!;$)[\p{L}\p{N}_/.,:;=@+~^*?!&|<>(){}[\]#$%-]+$/u;

function escapeToken(part: Part, rule: WordRule, tokens: TokenEscaper): string {
  const ownBreak = rule.replacements.some(([from]) => from === '\n');
  // Nothing else could keep a value with a line break from adding directives of its own.
  return tokens.escape(part.text, ownBreak ? rule.replacements : [...rule.replacements, ...LINE_BREAK], rule.valid);
}

function literal(part: Part, rule: WordRule): string {
  const text = rule.replacements.reduce((result, [from, to]) => result.replaceAll(from, () => to), part.text);
  const escaped = rule.hex ? text.replace(CONTROL, hex) : text;
  if (/[\n\r]/.test(escaped)) throw new TextProblem('has a line break, expected one line');
  return escaped;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters in question
const CONTROL = /[\x01-\x1f\x7f]/g;

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Checks what stands behind the `=`, where the parser of the file trims and joins lines. @throws TextProblem */
export function checkLine(line: string, parser: 'systemd' | 'quadlet'): void {
  const { blank, continues } = LINES[parser];
  if (blank.test(line.slice(0, 1)))
    throw new TextProblem('begins with a blank, which is dropped, expected no blank there');
  if (blank.test(line.slice(-1))) throw new TextProblem('ends with a blank, which is dropped, expected no blank there');
  if (continues.test(line))
    throw new TextProblem('ends with a backslash, which continues the line, expected no backslash there');
}

// Quadlet drops every blank that Unicode knows, and takes a doubled backslash for a continuation too.
const LINES = {
  systemd: { blank: /[ \t]/, continues: /(?<!\\)(?:\\\\)*\\$/ },
  quadlet: { blank: /[\s\x85]/, continues: /\\$/ },
};

/** Writes what {@link raw} marks. @throws TextProblem */
export function writeRaw(value: Raw, tokens?: TokenEscaper): string {
  return writeWord(value.text, { replacements: [], quote: 'never' }, tokens);
}

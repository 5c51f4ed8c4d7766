import { isUtf8 } from 'node:buffer';
import { NOT_UTF8 } from '../text';

/** One assignment of a file. */
export interface Assignment {
  readonly key: string;
  readonly text: string;
  /** The line on which the assignment begins. */
  readonly line: number;
}

/** A section as it stands in a file; one name may come several times. */
export interface RawSection {
  readonly name: string;
  readonly line: number;
  readonly assignments: Assignment[];
}

/** Something wrong with a line, whatever its key means. */
export interface LineProblem {
  readonly line: number;
  /** The start of the line. */
  readonly text: string;
  readonly message: string;
}

/** The parsers that cut a file into lines. */
export type LineParser = 'systemd' | 'quadlet';

/**
 * Cuts a file into sections and assignments as its parser does: joins continued lines, drops comments. A line that is
 * neither is a problem, and reading goes on behind it. The name of a section or key may be anything.
 */
export function readLines(
  text: string | Uint8Array,
  parser: LineParser,
): { sections: RawSection[]; problems: LineProblem[] } {
  const sections: RawSection[] = [];
  const problems: LineProblem[] = [];
  const rule = RULES[parser];
  for (const { number, source, lost } of rule.join(text)) {
    const line = rule.trim(source);
    const report = (message: string) => problems.push({ line: number, text: start(line), message });
    const separator = line.indexOf('=');
    const name = rule.header.exec(line)?.[1];
    if (line === '' && !lost) continue;
    if (lost) report('ends with a backslash and no line follows, so Quadlet drops it, expected another line');
    else if (NOT_UTF8.test(source)) report('is not valid UTF-8, so the line is ignored, expected text');
    else if (name !== undefined) sections.push({ name, line: number, assignments: [] });
    else if (line.startsWith('[') && parser === 'systemd') report('is not a section, expected "]" at its end');
    else if (separator < 1) report('is not an assignment, expected key=value');
    else if (sections.length === 0) report('is before the first section, expected [Section] first');
    else {
      const [key, value] = [rule.trim(line.slice(0, separator)), line.slice(separator + 1)];
      sections.at(-1)?.assignments.push({ key, text: value.replace(rule.blanksOfValue, ''), line: number });
    }
  }
  return { sections, problems };
}

/** A line of the file, with the lines that continue it. */
interface JoinedLine {
  readonly number: number;
  readonly source: string;
  /** The parser drops the line. */
  readonly lost?: true;
}

interface LineRule {
  readonly join: (text: string | Uint8Array) => Iterable<JoinedLine>;
  readonly trim: (text: string) => string;
  readonly header: RegExp;
  /** The blanks between "=" and the value, which do not belong to it. */
  readonly blanksOfValue: RegExp;
}

const RULES: Readonly<Record<LineParser, LineRule>> = {
  systemd: {
    join: joinForSystemd,
    trim: (text) => text.replace(/^[ \t]+|[ \t]+$/g, ''),
    header: /^\[(.*)\]$/s,
    blanksOfValue: /^[ \t]+/,
  },
  quadlet: {
    join: joinForQuadlet,
    trim: (text) => text.replace(GO_BLANKS, ''),
    header: /^\[([^\]]*)\]$/,
    // Quadlet looks at these blanks byte by byte, which finds none outside of ASCII.
    blanksOfValue: /^[\t-\r ]+/,
  },
};

const BLANK = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const GO_BLANKS = new RegExp(`^${BLANK}|${BLANK}$`, 'g');

// Each of the three ends a line, and two or three that differ end only one.
const SYSTEMD_END = /\n(?:\r\0?|\0\r?)?|\r(?:\n\0?|\0\n?)?|\0(?:\r\n?|\n\r?)?/;

/** A backslash continues a line only if nothing is behind it, and what follows keeps its blanks. */
function* joinForSystemd(text: string | Uint8Array): Generator<JoinedLine> {
  let joined = '';
  let first = 0;
  for (const [index, source] of decode(text)
    .replace(/^\uFEFF/, '')
    .split(SYSTEMD_END)
    .entries()) {
    if (/^[ \t]*[#;]/.test(source)) continue;
    if (joined === '') first = index + 1;
    const line = joined + source;
    joined = '';
    if (/(?<!\\)(?:\\\\)*\\$/.test(line)) joined = `${line.slice(0, -1)} `;
    else yield { number: first, source: line };
  }
  if (joined !== '') yield { number: first, source: joined };
}

/** Every line is trimmed, and an empty one inside a continued line is skipped as comments are. */
function* joinForQuadlet(text: string | Uint8Array): Generator<JoinedLine> {
  const lines = decode(text).replace(/\n$/, '').split('\n').map(RULES.quadlet.trim);
  let joined = '';
  let first = 0;
  for (const [index, line] of lines.entries()) {
    if (/^(?:[#;]|$)/.test(line)) continue;
    if (joined === '') first = index + 1;
    const continued = line.endsWith('\\');
    joined += continued ? line.slice(0, -1) : line;
    if (continued && index < lines.length - 1) continue;
    yield { number: first, source: joined };
    joined = '';
  }
  if (joined !== '') yield { number: first, source: joined, lost: true };
}

/** The text of bytes. A line that is not valid UTF-8 holds a character that no text has. */
function decode(text: string | Uint8Array): string {
  if (typeof text === 'string') return text;
  const lines = Buffer.from(text)
    .toString('latin1')
    .split(/(?=[\n\r\0])/);
  return lines.map((line) => decodeLine(Buffer.from(line, 'latin1'))).join('');
}

function decodeLine(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? text : text.replace('\uFFFD', '\uFFFF');
}

function start(line: string): string {
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

import { DirectiveError } from '../error';
import { isPlain, type Replacements, splitTokens, type TokenEscaper } from '../text';
import { checkValue } from './check-value';
import { OCI_SECTIONS } from './spec';

/** The version of the specification that config.json names: the last one that runc 1.1 knows all of. */
const VERSION = '1.0.2';
const PAGE = 'https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md';

/** Writes config.json. @throws DirectiveError for an unknown key, and for a value that does not fit */
export function writeSpec(spec: object, tokens?: TokenEscaper): string {
  const given = spec as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  for (const [section, schema] of Object.entries(OCI_SECTIONS)) {
    const [problem] = checkValue(given[section] ?? {}, schema, section, tokens);
    if (!problem) continue;
    const key = problem.at.slice(section.length + 1);
    throw new DirectiveError(section, key, undefined, problem.message, PAGE);
  }
  const { config, ...objects } = given;
  return `${write({ ociVersion: VERSION, ...config, ...objects }, '', tokens)}\n`;
}

/** What JSON can't hold in quotes, and how it is written. */
const IN_QUOTES: Replacements = [
  ['\\', '\\\\'],
  ['"', '\\"'],
  ...Array.from({ length: 31 }, (_, index) => {
    const character = String.fromCharCode(index + 1);
    return [character, JSON.stringify(character).slice(1, -1)] as const;
  }),
];

const WIDTH = 100;

/** Writes JSON in which tokens stand for values that are known later. */
export function writeJson(value: object, tokens?: TokenEscaper): string {
  return write(value, '', tokens);
}

/** JSON with tokens where they are. What fits into a line is on one. */
function write(value: unknown, indent: string, tokens: TokenEscaper | undefined): string {
  if (typeof value === 'string') return writeText(value, tokens);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((item) => write(item, inner, tokens))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${writeText(name, undefined)}: ${write(item, inner, tokens)}`);
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length <= WIDTH && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `${inner}${item}`).join(',\n')}\n${indent}${close}`;
}

function writeText(text: string, tokens: TokenEscaper | undefined): string {
  if (isPlain(text)) return `"${text}"`;
  const parts = splitTokens(text, tokens).map((part) =>
    part.token && tokens ? tokens.escape(part.text, IN_QUOTES) : JSON.stringify(part.text).slice(1, -1),
  );
  return `"${parts.join('')}"`;
}

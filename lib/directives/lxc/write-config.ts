import { closest } from '../closest';
import { DirectiveError } from '../error';
import { checkValue } from '../oci/check-value';
import { hasToken, type Replacements, splitTokens, type TokenEscaper } from '../text';
import { LXC_KEYS, lxcSchema } from './keys';

const PAGE = 'lxc.container.conf(5)';

/** Writes the config of a container, with one line per key, or one line per item of a list. @throws DirectiveError */
export function writeLxcConfig(config: object, tokens?: TokenEscaper): string {
  return Object.entries(config)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => linesOf(key, value, tokens))
    .map((line) => `${line}\n`)
    .join('');
}

function linesOf(key: string, value: unknown, tokens: TokenEscaper | undefined): string[] {
  const schema = lxcSchema(key);
  if (!schema)
    throw new DirectiveError('lxc', key, undefined, `the key is unknown, ${closest(key, Object.keys(LXC_KEYS))}`, PAGE);
  const [problem] = checkValue(value, schema, key, tokens);
  if (problem) throw new DirectiveError('lxc', problem.at, undefined, problem.message, PAGE);
  return [value].flat().map((item) => `${key} = ${writeItem(key, item, tokens)}`);
}

/** How a value that is not known yet is escaped. In a line of the form of fstab(5), it is one field. */
function ruleOf(key: string): [Replacements, string?] {
  return key === 'lxc.mount.entry' ? [FIELD, '^[^\\r]*$'] : [[], '^[^\\n\\r]*$'];
}
const FIELD: Replacements = [
  ['\\', '\\134'],
  [' ', '\\040'],
  ['\t', '\\011'],
  ['\n', '\\012'],
];

// LXC removes blanks around a value, and then one pair of quotes. Inside the quotes, no character has a special
// meaning.
function writeItem(key: string, item: unknown, tokens: TokenEscaper | undefined): string {
  if (typeof item === 'boolean') return item ? '1' : '0';
  const text = String(item);
  // Terraform reads what comes after a carriage return otherwise than it is.
  if (/[\n\r]/.test(text)) throw new DirectiveError('lxc', key, item, 'has a line break, expected one line', PAGE);
  const written = splitTokens(text, tokens)
    .map((part) => (part.token && tokens ? tokens.escape(part.text, ...ruleOf(key)) : part.text))
    .join('');
  return hasToken(text, tokens) || /^["' \t]|[ \t]$/.test(text) ? `"${written}"` : written;
}

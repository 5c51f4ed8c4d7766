import { escapeArgument } from './escape';
import { splitTokens, writeRaw } from './text';
import { type Command, Raw } from './values';
import { attempt, type Place, problem, writeValue } from './word';

const EXPECTED = 'an array such as ["/bin/echo", "a b"], or raw()';
const PREFIX = /^(?:-?@?:?(?:\+|!|!!)?|-?\|[+!]?)$/;

/** The assignments of the Exec...= keys, one per command. @throws DirectiveError */
export function assignCommands(value: unknown, place: Place): string[] {
  if (!Array.isArray(value)) return [assignCommand(value, place)];
  if (!value.every((item) => typeof item === 'string' || item instanceof Raw))
    return value.map((item) => assignCommand(item, place));
  return value.length === 0 ? [] : [writeCommand({ argv: value }, place)];
}

/** One command without prefixes, such as Quadlet's Exec=: its words on one line. @throws DirectiveError */
export function writeArgv(value: unknown, place: Place): string {
  if (!Array.isArray(value)) throw problem(place, value, `is not a command, expected ${EXPECTED}`);
  return value.map((item) => writeValue(item, place)).join(' ');
}

function assignCommand(value: unknown, place: Place): string {
  if (value instanceof Raw) return writeValue(value, place);
  if (Array.isArray(value)) return writeCommand({ argv: value }, place);
  if (typeof value === 'object' && value !== null && 'argv' in value) return writeCommand(value as Command, place);
  throw problem(place, value, `is not a command, expected ${EXPECTED}`);
}

function writeCommand(command: Command, place: Place): string {
  const { argv, prefix = '' } = command;
  if (!PREFIX.test(prefix)) throw problem(place, prefix, 'is not a prefix, expected - @ : + ! !! or | in this order');
  const [program] = argv;
  if (program === undefined) throw problem(place, argv, 'has no program, expected its path first');
  if (typeof program === 'string' && /^(?:[-@:+!|]|$)/.test(program))
    throw problem(place, program, 'is not a program, expected a path; prefixes go in { argv, prefix }');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters in question
  if (typeof program === 'string' && /["'\\\x00-\x1f\x7f]/.test(program))
    throw problem(place, program, 'has a quote, backslash or control character, expected a path without them');
  if (typeof program === 'string' && program.endsWith('/'))
    throw problem(place, program, 'ends with "/", expected the path of a file');
  if (typeof program === 'string' && /^[^/]+\//.test(program) && !startsWithToken(program, place))
    throw problem(place, program, 'is a relative path, expected an absolute path or a name without "/"');
  // The file that is run is not looked for under an expanded name, but the process is given one.
  if (typeof program === 'string' && !prefix.includes(':') && literalOf(program, place).includes('$'))
    throw problem(place, program, 'has a "$", expected a path without "$", or { argv, prefix: ":" } to expand nothing');
  const specifiers = place.entry.specifiers === true;
  const words = argv.map((item, index) =>
    attempt(item, place, () => {
      if (item instanceof Raw) return writeRaw(item, place.tokens);
      // The program's path is not looked through for variables, and with ":" no word is.
      const expands = index > 0 && !prefix.includes(':');
      return escapeArgument(item, { expands, specifiers }, place.tokens);
    }),
  );
  return prefix + words.join(' ');
}

function startsWithToken(text: string, { tokens }: Place): boolean {
  return splitTokens(text, tokens)[0]?.token === true;
}

function literalOf(text: string, { tokens }: Place): string {
  return splitTokens(text, tokens)
    .filter(({ token }) => !token)
    .map((part) => part.text)
    .join('');
}

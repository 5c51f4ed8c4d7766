import type { FilePart } from '../../manifest/index';
import { hasToken, TOKEN, tokenEscaper } from '../../rendering/tokens';
import { fileAccess } from '../service/file-access';

/** Path of the script in an instance. It is in memory, so it leaves nothing in the root. */
export const SCRIPT_PATH = '/dev/.bulkhead-start';

/** A command and variables that do not fit in a line of LXC's config, but in a shell script. */
export interface StartScript {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Whether an argument fits in LXC's config: one line, with one kind of quotes around it. */
function isSayable(word: string): boolean {
  return isLine(word) && !(/^["']|\s/.test(word) && word.includes('"') && word.includes("'"));
}

/** Whether a text is known to be one line. A token may turn out to be anything. */
function isLine(text: string): boolean {
  return !/[\n\r]/.test(text) && !hasToken(text);
}

/** A script that starts the program when LXC's config can't hold its command. Undefined when the config can. */
export function startScript({ words, environment }: StartScript): StartScript | undefined {
  const unsayable = Object.entries(environment).filter(([, value]) => !isLine(value));
  if (words.length === 0 || (unsayable.length === 0 && words.every(isSayable))) return undefined;
  return { words, environment: Object.fromEntries(unsayable) };
}

/** The script as a file of the host. If its values may be confidential, only root can read it. */
export function scriptFile(
  path: string,
  { words, environment }: StartScript,
  variables: Readonly<Record<string, string>>,
  ofImage: Readonly<Record<string, string>>,
): FilePart {
  const lines = [
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `exec ${words.map(quoted).join(' ')}`,
  ];
  const access = fileAccess(path, { sections: { Service: { Environment: variables } }, ofImage }, 'root');
  return { content: `${lines.join('\n')}\n`, ...access };
}

const IN_QUOTES = [["'", "'\\''"]] as const;

function quoted(text: string): string {
  const escaped = text.replaceAll("'", "'\\''").replace(TOKEN, (token) => tokenEscaper.escape(token, IN_QUOTES));
  return `'${escaped}'`;
}

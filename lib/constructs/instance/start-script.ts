import type { FilePart } from '../../manifest/index';
import { hasToken, TOKEN, tokenEscaper } from '../../rendering/tokens';
import { fileAccess } from '../service/file-access';

/** Where an instance sees the script. What is there is in memory, and nothing of it is left in the root. */
export const SCRIPT_PATH = '/dev/.bulkhead-start';

/** What a line of LXC's config can not hold, and a script of a shell can. */
export interface StartScript {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Whether LXC can be told a word of a program: on one line, and with one kind of quotes around it. */
function isSayable(word: string): boolean {
  return isLine(word) && !(/^["']|\s/.test(word) && word.includes('"') && word.includes("'"));
}

/** Whether a text is known to be one line. A token may turn out to be anything. */
function isLine(text: string): boolean {
  return !/[\n\r]/.test(text) && !hasToken(text);
}

/** The script that starts a program for which LXC has no words; undefined where it has. */
export function startScript({ words, environment }: StartScript): StartScript | undefined {
  const unsayable = Object.entries(environment).filter(([, value]) => !isLine(value));
  if (words.length === 0 || (unsayable.length === 0 && words.every(isSayable))) return undefined;
  return { words, environment: Object.fromEntries(unsayable) };
}

/** The script as a file of the host. Its values are readable by root alone, where they may be confidential. */
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

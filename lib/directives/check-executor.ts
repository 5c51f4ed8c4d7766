import type { KeyEntry } from './catalog';
import { TextProblem } from './text';
import { splitTuple } from './tuple';

interface Loss {
  /** What is lost. Tokens have none of it. */
  readonly pattern: RegExp;
  readonly what: string;
  /** The parts of a value that are concerned; all of it where not given. */
  readonly parts?: (text: string) => readonly string[];
}

const QUOTES: Loss = { pattern: /["'\p{Control}]/u, what: 'a quote or control character' };

/**
 * What reaches the manager but not the process, per kind of value. Seen with 257; the manager has handed on values as
 * text since 255.
 */
const LOST: Readonly<Record<string, Loss>> = {
  'bind-path': QUOTES,
  image: QUOTES,
  'image-mount': QUOTES,
  'partition-options': QUOTES,
  'path-with-options': {
    pattern: /[\\:]/,
    what: 'a colon or backslash in its path',
    parts: (text) => splitTuple(text).slice(0, 1),
  },
  'relative-path': {
    pattern: /[\\:\p{Control}]| $/u,
    what: 'a colon, backslash, control character or blank at the end',
    parts: splitTuple,
  },
  'credential-load': { pattern: /[ \t\\]/, what: 'a blank or backslash' },
  'credential-set': { pattern: /[^!-~]|\\/, what: 'no plain name in front', parts: (text) => text.split(':', 1) },
  'open-file': { pattern: /\\/, what: 'a backslash or escaped colon' },
  'journal-field': { pattern: /\n/, what: 'a line break' },
};

// Of systemd-nspawn and Quadlet, which hand their values on by other ways.
const OTHERS: ReadonlySet<KeyEntry['class']> = new Set(['colon-raw', 'last', 'line', 'words', 'args']);

/**
 * Refuses what systemd itself would lose between the manager, which reads the file, and its executor, which becomes the
 * process: the process would see another path, or not start. @throws TextProblem
 */
export function checkExecutor(text: string, entry: KeyEntry): void {
  const loss = OTHERS.has(entry.class) ? undefined : LOST[entry.kind];
  if (loss && (loss.parts?.(text) ?? [text]).some((part) => loss.pattern.test(part)))
    throw new TextProblem(`holds ${loss.what}, which systemd does not hand on to the process, expected a text without`);
}

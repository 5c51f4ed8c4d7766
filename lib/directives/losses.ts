import type { KeyEntry } from './catalog';
import { TextProblem } from './text';
import { splitTuple } from './tuple';

interface Loss {
  /** What is lost. */
  readonly pattern: RegExp;
  readonly what: string;
  /** The parts of a value that are concerned; all of it where not given. */
  readonly parts?: (text: string) => readonly string[];
  /** What a text that stands for a value not known yet must match then. */
  readonly valid?: string;
}

const DIRECTORY: Loss = {
  pattern: /[\\:\p{Cc}]| $/u,
  what: 'a colon, backslash, control character or blank at the end',
  parts: splitTuple,
  valid: '^[^\\\\:\\p{Cc}]*$',
};
const QUOTES: Loss = { pattern: /["'\p{Cc}]/u, what: 'a quote or control character', valid: `^[^"'\\p{Cc}]*$` };

/**
 * What the service manager reads from a file right and yet does not give its executor, which becomes the process, per
 * kind of value. Seen with systemd 257; the two are apart since 255.
 */
const BY_SYSTEMD: Readonly<Record<string, Loss>> = {
  'bind-path': QUOTES,
  image: QUOTES,
  'image-mount': QUOTES,
  'partition-options': QUOTES,
  'path-with-options': {
    pattern: /[\\:]/,
    what: 'a colon or backslash in its path',
    parts: (text) => splitTuple(text).slice(0, 1),
    valid: '^[^\\\\:]*$',
  },
  'relative-path': DIRECTORY,
  'relative-path-alone': DIRECTORY,
  'credential-load': { pattern: /[ \t\\]/, what: 'a blank or backslash', valid: '^[^ \\t\\\\]*$' },
  'credential-set': { pattern: /[^!-~]|\\/, what: 'no plain name in front', parts: (text) => text.split(':', 1) },
  'open-file': { pattern: /\\/, what: 'a backslash or escaped colon', valid: '^[^\\\\]*$' },
  'journal-field': { pattern: /\n/, what: 'a line break', valid: '^[^\\n]*$' },
};

/** What podman does not give a container. Seen with 5.4. */
const BY_PODMAN: Readonly<Record<string, Loss>> = {
  'yaml-path': { pattern: /"/, what: 'a double quote', valid: '^[^"]*$' },
  'podman-variables': {
    pattern: /\r\n/,
    what: 'CR and LF',
    valid: '^(?:[^\\r]|\\r+[^\\r\\n])*\\r*$',
  },
};

// Those of systemd-nspawn and Quadlet, which take other ways.
const NOT_BY_SYSTEMD: ReadonlySet<KeyEntry['class']> = new Set(['colon-raw', 'last', 'line', 'words', 'args']);

function lossOf({ kind, class: escaping }: KeyEntry): Loss | undefined {
  return NOT_BY_SYSTEMD.has(escaping) ? BY_PODMAN[kind] : BY_SYSTEMD[kind];
}

/**
 * Refuses what a file can hold and the process yet does not get: it would see another value, or not start.
 * @throws TextProblem
 */
export function checkLoss(text: string, entry: KeyEntry): void {
  const loss = lossOf(entry);
  if (!loss || !(loss.parts?.(text) ?? [text]).some((part) => loss.pattern.test(part))) return;
  const by = NOT_BY_SYSTEMD.has(entry.class) ? 'podman' : 'systemd';
  throw new TextProblem(`has ${loss.what}, which ${by} does not pass to the process, expected text without it`);
}

/** What a value must match that is not known yet, in the syntax of RE2. */
export function validOf(entry: KeyEntry): string | undefined {
  return lossOf(entry)?.valid;
}

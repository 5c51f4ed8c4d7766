import type { KeyEntry } from '../catalog';
import { QUADLET_CLASSES } from '../escape';
import { Raw } from '../values';
import type { ReadWord } from './read-words';

/** Signs that stand for themselves when doubled, and for something else when not. */
export const SIGNS = { none: /(?!)/, specifiers: /%/, variables: /\$/, both: /[%$]/ } as const;

export function signsOf(entry: KeyEntry): keyof typeof SIGNS {
  if (!entry.specifiers) return 'none';
  return QUADLET_CLASSES.has(entry.class ?? 'raw') ? 'both' : 'specifiers';
}

/** The text that a word means, or the word as it stands if only the host can tell. */
export function literal({ source, value }: ReadWord, sign: RegExp): string | Raw {
  const single = value.replace(/%%|\$\$/g, (pair) => (sign.test(pair) ? '' : pair));
  if (sign.test(single)) return new Raw(source);
  return value.replace(/%%|\$\$/g, (pair) => (sign.test(pair) ? pair.charAt(0) : pair));
}

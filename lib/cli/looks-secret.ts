/** In place of what is not shown. */
export const HIDDEN = '***';

/** Words in the name of a variable, key or option whose value is not to be read by others. */
const WORDS =
  /passw(?:or)?d|passphrase|passcode|secret|token|credential|(?:^|[_.-])(?:pass|pwd|pw|pin|auth|salt)(?:[_.-]|$)|keys?$/i;

/** Whether the value of a variable, key or option of that name is likely to be a secret. */
export function looksSecret(name: string): boolean {
  return WORDS.test(name) && !/public/i.test(name);
}

/** A name in front of `=` or `:`, or an option in front of its value. Names begin where words do, so that lines may be long. */
const NAMED = /(?<![\w.])([A-Za-z_][\w.-]*)["']?\s*[=:]\s*|(?<![\w-])--?([A-Za-z][\w-]*)["']?[\s,]+/g;

/** A line without what follows a name that looks like that of a secret, and without passwords of URLs. */
export function withoutSecrets(line: string): string {
  const text = line.replace(/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, `$1${HIDDEN}@`);
  for (const match of text.matchAll(NAMED)) {
    const [whole, name = '', option = ''] = match;
    const end = match.index + whole.length;
    if (looksSecret(name || option) && end < text.length) return text.slice(0, end) + HIDDEN;
  }
  return text;
}

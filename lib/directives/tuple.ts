/**
 * A value of several parts with colons between them, such as `tuple('/a:b', '/c')` for BindPaths: `/a\:b:/c`. Only in
 * front of a colon does a backslash mean something: `\:` is a colon inside a part.
 */
export function tuple(...parts: readonly string[]): string {
  const escaped = parts.map((part) => part.replace(/(\\*):/g, '$1$1\\:'));
  const last = escaped.pop() ?? '';
  return [...escaped.map((part) => part.replace(/(\\+)$/, '$1$1')), last].join(':');
}

/** The parts of a text that {@link tuple} made. */
export function splitTuple(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let end = 0;
  for (const match of text.matchAll(/(\\*):/g)) {
    const backslashes = match[1] ?? '';
    part += text.slice(end, match.index) + backslashes.slice(0, Math.floor(backslashes.length / 2));
    end = match.index + match[0].length;
    if (backslashes.length % 2 === 1) part += ':';
    else {
      parts.push(part);
      part = '';
    }
  }
  return [...parts, part + text.slice(end)];
}

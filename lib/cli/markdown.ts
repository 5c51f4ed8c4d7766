import { printable } from './terminal';

/**
 * Text as code that stands in a table cell or a heading of GitHub-flavoured Markdown: one line, of which nothing counts
 * as markup, link or mention.
 */
export function code(text: string): string {
  const line = oneLine(text);
  if (line === '') return '';
  // In a code span a pipe would end the cell, and a backslash before it changes what an escaped one means.
  return /[|`]/.test(line) || line.trim() !== line ? htmlCode(line) : `\`${line}\``;
}

/** Text as code that stands where HTML is read, or anywhere else. */
export function htmlCode(text: string): string {
  return `<code>${entities(oneLine(text))}</code>`;
}

/** Text in which nothing counts as markup. A mention stays one: use it for words that are our own for the most part. */
export function prose(text: string): string {
  return entities(oneLine(text));
}

/** Lines as they are, with the colours of their kind. The fence is longer than any that they hold. */
export function fenced(kind: string, lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${kind}`, ...lines.map(oneLine), fence];
}

/** A part that is folded away under its title, which is HTML. */
export function folded(title: string, body: readonly string[]): string[] {
  return ['<details>', `<summary>${title}</summary>`, '', ...body, '', '</details>'];
}

export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\x0a');
}

/** Character references have no meaning to Markdown but their character, and to HTML neither. */
function entities(text: string): string {
  return text.replace(/[^\p{L}\p{N} /.,:;=?%'"()-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

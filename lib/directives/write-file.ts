import { assignments } from './assign';
import { type Format, type Section, sectionsOf } from './catalog';
import { closest } from './closest';
import { DirectiveError } from './error';
import type { TokenEscaper } from './text';

export interface WriteOptions {
  /** How to treat text that stands for a value not known yet. Without it every text is taken literally. */
  readonly tokens?: TokenEscaper;
}

/** Writes a file of any format: sections in their usual order, keys as given. @throws DirectiveError */
export function writeFile(format: Format, file: object, options: WriteOptions = {}): string {
  const sections = sectionsOf(format);
  const given = new Map<string, unknown>(Object.entries(file));
  for (const name of given.keys()) {
    if (!sections.has(name))
      throw new DirectiveError(name, '', undefined, `the section is unknown, ${closest(name, [...sections.keys()])}`);
  }
  const blocks = [...sections.values()].flatMap((section) => {
    const value = given.get(section.name);
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((keys) => writeSection(section, keys, options));
  });
  return blocks.join('\n');
}

function writeSection(section: Section, values: object, { tokens }: WriteOptions): string {
  const lines = [`[${section.name}]`];
  for (const [key, value] of Object.entries(values)) {
    const entry = section.keys.get(key);
    if (!entry) {
      const hint = closest(key, [...section.keys.keys()]);
      throw new DirectiveError(section.name, key, undefined, `the key is unknown, ${hint}`, section.page);
    }
    for (const text of assignments(value, { section, key, entry, tokens })) lines.push(`${key}=${text}`);
  }
  return `${lines.join('\n')}\n`;
}

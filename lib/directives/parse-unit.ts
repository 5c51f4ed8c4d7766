import { type Format, type KeyEntry, type Section, sectionsOf } from './catalog';
import { closest } from './closest';
import { DirectiveError } from './error';
import { parseValue } from './parse-value';
import { readLines } from './read-lines';
import { attempt } from './word';

/** The keys of a section and their values, as the writers take them. */
export type SectionValues = Record<string, unknown>;
/** The sections of a file. One that may come several times is an array when it does. */
export type FileSections = Record<string, SectionValues | SectionValues[]>;

/**
 * Reads a file of any format into the values that its writer takes: what the writer makes of them means the same. A text
 * with specifiers or variables becomes a {@link raw} value. `X-` sections and keys are left out, as comments are.
 * @throws DirectiveError for an unknown section or key, and for a line that can't be read.
 */
export function parseUnit(text: string, format: Format): FileSections {
  const sections = sectionsOf(format);
  const file: FileSections = {};
  for (const { name, assignments } of readLines(text, format === 'quadlet' ? 'quadlet' : 'systemd')) {
    if (name.startsWith('X-')) continue;
    const section = sections.get(name);
    if (!section)
      throw new DirectiveError(name, '', undefined, `the section is unknown, ${closest(name, [...sections.keys()])}`);
    const before = file[name];
    const texts = new Map(section.multiple ? [] : Object.entries((before ?? {}) as Record<string, string[]>));
    for (const { key, text } of assignments) {
      if (!key.startsWith('X-')) texts.set(key, [...(texts.get(key) ?? []), text]);
    }
    const content = Object.fromEntries(texts);
    if (!section.multiple || before === undefined) file[name] = content;
    else file[name] = [...[before].flat(), content];
  }
  return Object.fromEntries(
    Object.entries(file).map(([name, content]) => {
      const section = sections.get(name) as Section;
      const parse = (keys: SectionValues) => parseSection(section, keys as Record<string, string[]>);
      return [name, Array.isArray(content) ? content.map(parse) : parse(content)];
    }),
  );
}

function parseSection(section: Section, texts: Readonly<Record<string, readonly string[]>>): SectionValues {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, lines]) => {
      const entry: KeyEntry | undefined = section.keys.get(key);
      if (!entry) {
        const hint = closest(key, [...section.keys.keys()]);
        throw new DirectiveError(section.name, key, undefined, `the key is unknown, ${hint}`, section.page);
      }
      const place = { section, key, entry };
      const value = attempt(lines.join('\n'), place, () => parseValue(lines, entry));
      // Empties what can't be emptied, and so says nothing.
      return Array.isArray(value) && value.length === 0 ? [] : [[key, value]];
    }),
  );
}

import { type Format, type Section, sectionsOf } from './catalog';
import { closest } from './closest';
import { compile } from './compile';
import { DirectiveError } from './error';
import { NewestKeys } from './newest-key';
import type { TokenEscaper } from './text';

export interface WriteOptions {
  /** How to treat text that stands for a value not known yet. Without it every text is taken literally. */
  readonly tokens?: TokenEscaper;
}

/** A file, and what was seen of its keys and values on the way. */
export interface WrittenFile {
  readonly text: string;
  /** The newest of its keys and values, which decide what can read it. */
  readonly newest: NewestKeys;
  /** Whether every value is right in itself, and every key still means something to the newest version. */
  readonly sound: boolean;
}

/** Writes a file of any format: sections in their usual order, keys as given. @throws DirectiveError */
export function writeFile(format: Format, file: object, options: WriteOptions = {}): WrittenFile {
  const sections = sectionsOf(format);
  const given = file as Readonly<Record<string, object | undefined>>;
  for (const name of Object.keys(given)) {
    if (!sections.has(name))
      throw new DirectiveError(name, '', undefined, `the section is unknown, ${closest(name, [...sections.keys()])}`);
  }
  const writer = new Writer(options.tokens);
  for (const section of sections.values()) {
    const value = given[section.name];
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const keys of value) writer.add(section, keys);
    else writer.add(section, value);
    writer.sound &&= section.multiple || section.inParts || !Array.isArray(value);
  }
  return { text: writer.text, newest: writer.newest, sound: writer.sound };
}

class Writer {
  text = '';
  sound = true;
  readonly newest = new NewestKeys();

  constructor(private readonly tokens: TokenEscaper | undefined) {}

  add(section: Section, values: object): void {
    const { tokens } = this;
    this.text += `${this.text && '\n'}[${section.name}]\n`;
    for (const [key, value] of Object.entries(values)) {
      const entry = section.keys.get(key);
      if (!entry) {
        const hint = closest(key, [...section.keys.keys()]);
        throw new DirectiveError(section.name, key, undefined, `the key is unknown, ${hint}`, section.page);
      }
      if (value === undefined) continue;
      const { lines, problems } = compile(value, { section, key, entry, tokens });
      for (const line of lines) this.text += `${key}=${line}\n`;
      this.sound &&= problems.length === 0 && entry.ignoredSince === undefined;
      this.newest.add(section, key, entry, value);
    }
  }
}

import { isDeepStrictEqual } from 'node:util';
import { fail } from '../problem';

/** Directives per section, under the names of the man page. */
export type Sections = Readonly<Record<string, object | undefined>>;

interface Section {
  readonly values: Map<string, unknown>;
  /** The prop that set each directive. A default has no entry here, so any prop may replace it. */
  readonly by: Map<string, string>;
}

/**
 * Collects the directives of a service: its defaults, then its props, then the directives that the user wrote by hand.
 * Props and hand-written directives replace defaults. A prop and a hand-written directive with the same key are
 * refused.
 */
export class DirectiveSet {
  private readonly sections = new Map<string, Section>();

  constructor(private readonly path: string) {}

  defaults(section: string, directives: object): this {
    for (const [key, value] of Object.entries(directives)) this.set(section, key, value, undefined);
    return this;
  }

  /** Sets the directives of a prop. Undefined values are skipped. */
  prop(by: string, section: string, directives: object): this {
    for (const [key, value] of Object.entries(directives)) this.set(section, key, value, by);
    return this;
  }

  /** Removes the defaults of a section, or of some of its keys. */
  withoutDefaults(section: string, keys?: readonly string[]): this {
    const { values, by } = this.section(section);
    for (const key of keys ?? [...values.keys()]) if (!by.has(key)) values.delete(key);
    if (values.size === 0) this.sections.delete(section);
    return this;
  }

  /** Sets the directives that the user wrote by hand. @throws Error for a key that a prop has set */
  byHand(directives: Sections | undefined): this {
    for (const [section, keys] of Object.entries(directives ?? {})) {
      for (const [key, value] of Object.entries(keys ?? {})) this.set(section, key, value, `directives.${section}`);
    }
    return this;
  }

  /** Returns this set once per section name, so that callers can look sections up by name. */
  bySection(sections: readonly string[]): Record<string, DirectiveSet> {
    return Object.fromEntries(sections.map((section) => [section, this]));
  }

  /** The value of a directive. */
  get(section: string, key: string): unknown {
    return this.sections.get(section)?.values.get(key);
  }

  /** The prop that set a directive, such as `directives.Service.Group`. For a default, the directive itself. */
  origin(section: string, key: string): string {
    const by = this.sections.get(section)?.by.get(key) ?? `directives.${section}`;
    return by.startsWith('directives.') ? `${by}.${key}` : by;
  }

  /**
   * Adds a directive. Variables are added to variables that are set already. Any other value replaces a default.
   * @throws Error for a key or a variable that is set to another value
   */
  add(by: string, section: string, key: string, value: unknown): void {
    const { values, by: setBy } = this.section(section);
    const there = values.get(key);
    if (isDeepStrictEqual(there, value)) return;
    if (!isRecord(there) || !isRecord(value)) {
      this.set(section, key, value, by);
      return;
    }
    const before = setBy.get(key);
    const other = Object.keys(value).find((name) => name in there && !isDeepStrictEqual(there[name], value[name]));
    if (other !== undefined)
      throw new Error(
        `Cannot set ${other} of ${key} in ${by}: already set by ${before ?? 'default'}, expected one of the two (at ${this.path})`,
      );
    values.set(key, { ...there, ...value });
    setBy.set(key, before ?? by);
  }

  /** Returns these sections for a writer, with `units` appended to the unit lists of [Unit]. */
  file(sections: readonly string[], units: Readonly<Record<string, readonly string[]>> = {}): Record<string, object> {
    const file: Record<string, Record<string, unknown>> = {};
    for (const [name, { values }] of this.sections)
      if (sections.includes(name)) file[name] = Object.fromEntries(values);
    for (const [key, added] of Object.entries(units)) {
      if (added.length === 0) continue;
      file.Unit ??= {};
      file.Unit[key] = [...asList(file.Unit[key]), ...added];
    }
    return file;
  }

  private section(name: string): Section {
    const section = this.sections.get(name) ?? { values: new Map(), by: new Map() };
    this.sections.set(name, section);
    return section;
  }

  private set(section: string, key: string, value: unknown, by: string | undefined): void {
    if (value === undefined) return;
    const { values, by: setBy } = this.section(section);
    const before = setBy.get(key);
    if (by !== undefined && before !== undefined)
      throw new Error(
        `Cannot set ${key} in ${by}: already set by ${before}, expected one of the two (at ${this.path}.${by})`,
      );
    if (by === undefined && before !== undefined) return;
    values.set(key, value);
    if (by !== undefined) setBy.set(key, by);
  }
}

/** Refuses sections that the files of a runtime do not have. @throws Error */
export function checkSections(directives: Sections | undefined, allowed: readonly string[], path: string): void {
  for (const section of Object.keys(directives ?? {})) {
    if (!allowed.includes(section))
      fail({
        action: 'write directives of',
        value: section,
        problem: 'its files have no such section',
        expected: `one of ${allowed.join(', ')}`,
        at: `${path}.directives`,
      });
  }
}

/** Whether a value is a plain object, not an instance of a class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

import { isDeepStrictEqual } from 'node:util';
import { fail } from '../problem';

/** Directives per section, under the names of the man page. */
export type Sections = Readonly<Record<string, object | undefined>>;

interface Section {
  readonly values: Map<string, unknown>;
  /** The props that set them; a default, which anything replaces, is set by none. */
  readonly by: Map<string, string>;
}

/**
 * The directives of a service while they come together: defaults, what its props say, and what the user wrote by hand.
 * A default gives way; a prop and a hand-written directive for the same key contradict each other and are refused.
 */
export class DirectiveSet {
  private readonly sections = new Map<string, Section>();

  constructor(private readonly path: string) {}

  defaults(section: string, directives: object): this {
    for (const [key, value] of Object.entries(directives)) this.set(section, key, value, undefined);
    return this;
  }

  /** What a prop says. Undefined values are not set. */
  prop(by: string, section: string, directives: object): this {
    for (const [key, value] of Object.entries(directives)) this.set(section, key, value, by);
    return this;
  }

  /** Takes back the defaults of a section, or those of some of its keys. */
  withoutDefaults(section: string, keys?: readonly string[]): this {
    const { values, by } = this.section(section);
    for (const key of keys ?? [...values.keys()]) if (!by.has(key)) values.delete(key);
    if (values.size === 0) this.sections.delete(section);
    return this;
  }

  /** What the user wrote by hand. @throws Error for a key that a prop has set. */
  byHand(directives: Sections | undefined): this {
    for (const [section, keys] of Object.entries(directives ?? {})) {
      for (const [key, value] of Object.entries(keys ?? {})) this.set(section, key, value, `directives.${section}`);
    }
    return this;
  }

  /** This set once per section name, so that callers can look a section up by its name. */
  bySection(sections: readonly string[]): Record<string, DirectiveSet> {
    return Object.fromEntries(sections.map((section) => [section, this]));
  }

  /** What a directive is set to. */
  get(section: string, key: string): unknown {
    return this.sections.get(section)?.values.get(key);
  }

  /**
   * Adds to what is there: variables to variables, anything else where nothing but a default is.
   * @throws Error for a key, or a variable, that is set to something else
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
    const other = Object.keys(value).find((name) => name in there && there[name] !== value[name]);
    if (other !== undefined)
      throw new Error(
        `Cannot set ${other} of ${key} in ${by}: already set by ${before ?? 'default'}, expected one of the two (at ${this.path})`,
      );
    values.set(key, { ...there, ...value });
    setBy.set(key, before ?? by);
  }

  /** These sections as the writers take them, with names added to the lists of units in [Unit]. */
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

/** Whether a value is an object of keys and values, and of no class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

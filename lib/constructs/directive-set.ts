/** Directives per section, under the names of the man page. */
export type Sections = Readonly<Record<string, object | undefined>>;

interface Entry {
  readonly value: unknown;
  /** The prop that set it; undefined for a default, which anything replaces. */
  readonly by: string | undefined;
}

/**
 * The directives of a service while they come together: defaults, what its props say, and what the user wrote by hand.
 * A default gives way; a prop and a hand-written directive for the same key contradict each other and are refused.
 */
export class DirectiveSet {
  private readonly sections = new Map<string, Map<string, Entry>>();

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

  /** What the user wrote by hand. @throws Error for a key that a prop has set. */
  byHand(directives: Sections | undefined): this {
    for (const [section, keys] of Object.entries(directives ?? {})) {
      for (const [key, value] of Object.entries(keys ?? {})) this.set(section, key, value, `directives.${section}`);
    }
    return this;
  }

  /** These sections as the writers take them, with names added to the lists of units in [Unit]. */
  file(sections: readonly string[], units: Readonly<Record<string, readonly string[]>> = {}): Record<string, object> {
    const names = [...this.sections.keys()].filter((name) => sections.includes(name));
    const file = Object.fromEntries(names.map((name) => [name, this.section(name)]));
    for (const [key, added] of Object.entries(units)) {
      if (added.length === 0) continue;
      const unit: Record<string, unknown> = file.Unit ?? {};
      file.Unit = { ...unit, [key]: [...asList(unit[key]), ...added] };
    }
    return file;
  }

  private section(name: string): Record<string, unknown> {
    return Object.fromEntries([...(this.sections.get(name) ?? [])].map(([key, { value }]) => [key, value]));
  }

  private set(section: string, key: string, value: unknown, by: string | undefined): void {
    if (value === undefined) return;
    const entries = this.sections.get(section) ?? new Map<string, Entry>();
    const before = entries.get(key)?.by;
    if (by !== undefined && before !== undefined)
      throw new Error(
        `Cannot set ${key} in ${by}: already set by ${before}, expected one of the two (at ${this.path}.${by})`,
      );
    if (by === undefined && before !== undefined) return;
    entries.set(key, { value, by });
    this.sections.set(section, entries);
  }
}

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

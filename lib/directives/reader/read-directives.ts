import { type Format, type KeyEntry, type Section, sectionsOf } from '../catalog';
import { closest } from '../closest';
import { compile } from '../compile';
import { DirectiveError, show } from '../error';
import { TextProblem } from '../text';
import { Reset } from '../values';
import { type Collected, collect, type PlacedAssignment } from './collect';
import { type Assignment, readLines } from './read-lines';
import { joinLines, problemOfName, readLine } from './read-value';
import { currentNames, currentSection } from './renamed';

/** The keys of a section and their values, as the writers take them. */
export type SectionValues = Record<string, unknown>;
/** The sections of a file. One that stands there several times, or whose lines have an order, is an array. */
export type FileSections = Record<string, SectionValues | SectionValues[]>;

/** A file to read, as text or as bytes. */
export interface Source {
  /** Its path or name, for problems. */
  readonly name?: string;
  readonly text: string | Uint8Array;
}

/** Something that can't be read, or that the parser would drop. */
export interface ReadProblem {
  readonly file: string | undefined;
  /** The line, counted from 1, on which the assignment begins. */
  readonly line: number;
  /** Empty where no section has begun. */
  readonly section: string;
  /** The key, or the line where it has none. */
  readonly key: string;
  /** What is wrong, and what is expected. */
  readonly message: string;
}

/** What was read. */
export interface ReadResult {
  readonly sections: FileSections;
  /** In the order of the files and their lines. What they are about is not among `sections`. */
  readonly problems: readonly ReadProblem[];
  /** Where the keys of each record of `sections` stand; '' is the section itself. */
  readonly places: ReadonlyMap<SectionValues, ReadonlyMap<string, { file: string | undefined; line: number }>>;
}

export interface ReadOptions {
  /** Version of systemd on the host that the files are for, such as `257`. @default - the newest */
  readonly systemd?: number | undefined;
  /** The sources are drop-ins alone: an empty assignment to a key with one value then means its default. */
  readonly dropIn?: true;
}

/**
 * Reads a file of any format, and its drop-ins in the order of their names, into the values that its writer takes: what
 * the writer makes of them means the same. Later files add to lists, and an empty assignment empties them. A text with
 * specifiers or variables becomes a {@link raw} value. `X-` sections and keys are left out, as comments are.
 * Never throws: what can't be read, or what the parser would drop, is a problem, and reading goes on behind it.
 */
export function readDirectives(
  format: Format,
  sources: string | Uint8Array | readonly Source[],
  options: ReadOptions = {},
): ReadResult {
  const reader = new Reader(format, options);
  const files = typeof sources === 'string' || sources instanceof Uint8Array ? [{ text: sources }] : sources;
  for (const source of files) reader.add(source);
  return reader.finish();
}

/** A section of the files: those that may stand there once are one, whatever the number of their headers. */
interface OpenSection {
  readonly section: Section;
  readonly place: { readonly file: string | undefined; readonly line: number };
  readonly assignments: PlacedAssignment[];
}

class Reader {
  private readonly problems: ReadProblem[] = [];
  private readonly open: OpenSection[] = [];
  private readonly places = new Map<SectionValues, Map<string, { file: string | undefined; line: number }>>();
  private readonly files: (string | undefined)[] = [];

  constructor(
    private readonly format: Format,
    private readonly options: ReadOptions,
  ) {}

  add({ name: file, text }: Source): void {
    this.files.push(file);
    const { sections, problems } = readLines(text, this.format === 'quadlet' ? 'quadlet' : 'systemd');
    for (const { line, text, message } of problems) this.report({ file, line, section: '', key: text, message });
    for (const { name, line, assignments } of sections) {
      if (name.startsWith('X-')) continue;
      const known = sectionsOf(this.format);
      const section = known.get(currentSection(this.format, name));
      if (!section) {
        const message = `unknown section, ${closest(name, [...known.keys()])}`;
        this.report({ file, line, section: name, key: '', message });
        continue;
      }
      this.begin(section, { file, line });
      for (const assignment of assignments) this.assign(name, assignment, file);
    }
  }

  finish(): ReadResult {
    const sections: FileSections = {};
    for (const { section, place, assignments } of this.open) {
      const parts = this.partsOf(section, collect(section, assignments));
      const records = parts.map((part) => this.readPart(section, part, place));
      const before = sections[section.name];
      const [first] = records;
      if (before !== undefined) sections[section.name] = [...[before].flat(), ...records];
      else if (first) sections[section.name] = records.length === 1 ? first : records;
    }
    const fileOf = ({ file }: ReadProblem) => this.files.indexOf(file);
    const problems = this.problems.sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line);
    return { sections, problems, places: this.places };
  }

  private begin(section: Section, place: OpenSection['place']): OpenSection {
    const before = section.multiple ? undefined : this.open.find((other) => other.section === section);
    if (before) return before;
    const begun = { section, place, assignments: [] };
    this.open.push(begun);
    return begun;
  }

  private assign(name: string, assignment: Assignment, file: string | undefined): void {
    const { line, key } = assignment;
    if (key.startsWith('X-')) return;
    const known = sectionsOf(this.format);
    const current = currentNames(this.format, { ...assignment, section: name });
    const section = known.get(current.section);
    if (!section?.keys.has(current.key)) {
      const elsewhere = [...known.values()].find((other) => other.keys.has(key));
      const hint = elsewhere ? `expected it in [${elsewhere.name}]` : closest(key, [...(section?.keys.keys() ?? [])]);
      this.report({
        file,
        line,
        section: name,
        key,
        message: `unknown key, ${hint}${section ? `, see ${section.page}` : ''}`,
      });
      return;
    }
    const open = this.open.findLast((other) => other.section === section) ?? this.begin(section, { file, line });
    const values = this.readValues(section, { ...assignment, key: current.key, text: current.text }, file);
    if (values) open.assignments.push({ key: current.key, text: current.text, line, file, values });
  }

  /** What the section can hold, which may be without the order among keys. */
  private partsOf(section: Section, parts: readonly Collected[]): readonly Collected[] {
    const [first, ...others] = parts;
    if (!first || others.length === 0 || section.inParts) return parts;
    for (const [key, assignments] of others.flatMap((part) => [...part])) {
      const { file, line } = assignments[0] as PlacedAssignment;
      const message = 'comes back after another key of the same list, expected all lines of a key together';
      this.report({ file, line, section: section.name, key, message });
      first.set(key, [...(first.get(key) ?? []), ...assignments]);
    }
    return [first];
  }

  private readPart(section: Section, part: Collected, place: OpenSection['place']): SectionValues {
    const places = new Map([['', place]]);
    const record: SectionValues = {};
    for (const [key, assignments] of part) {
      const value = this.readKey(section, key, assignments);
      if (value === undefined) continue;
      record[key] = value;
      places.set(key, assignments.at(-1) ?? place);
    }
    this.places.set(record, places);
    return record;
  }

  /** What the parser takes of a line; nothing where it ignores all of it. */
  private readValues(
    section: Section,
    { key, text, line }: Assignment,
    file: string | undefined,
  ): unknown[] | undefined {
    const entry = section.keys.get(key);
    if (!entry || (text === '' && (entry.reset || entry.repeat || entry.kind === 'command'))) return [];
    const place = { section, key, entry };
    const messages: string[] = [];
    const taken = this.attempt(messages, () => {
      const values = readLine(text, entry, section.rules);
      const { lineSince = 0 } = entry;
      if (values.length > 1 && (this.options.systemd ?? lineSince) < lineSince)
        throw new TextProblem(`several on one line are available since systemd ${lineSince}, expected a line for each`);
      return values.filter((value) => {
        const unnamed = problemOfName(value, entry);
        if (unnamed !== undefined) messages.push(unnamed);
        const compiled = this.attempt(messages, () => compile(asValue(value, entry), place));
        messages.push(...(compiled?.problems ?? []));
        // systemd takes what only the writer can't write, and Quadlet hands everything on.
        return section.rules === 'quadlet' || (unnamed === undefined && (compiled?.problems.length ?? 0) === 0);
      });
    });
    for (const message of new Set(messages))
      this.report({ file, line, section: section.name, key, message: `${message}, see ${entry.page}` });
    return messages.length > 0 && (taken ?? []).length === 0 ? undefined : taken;
  }

  private attempt<T>(messages: string[], read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof DirectiveError)
        messages.push(error.value === undefined ? error.problem : `${show(error.value)} ${error.problem}`);
      else if (error instanceof TextProblem) messages.push(error.message);
      else throw error;
      return undefined;
    }
  }

  /** The value of a key; nothing if it says nothing. */
  private readKey(section: Section, key: string, assignments: readonly PlacedAssignment[]): unknown {
    const entry = section.keys.get(key);
    if (!entry) return undefined;
    const single = !entry.repeat && !entry.list && entry.kind !== 'command';
    const emptied = assignments[0]?.text === '' && (entry.reset ?? false);
    if (single && emptied) return this.options.dropIn ? new Reset([]) : undefined;
    return joinLines(
      assignments.map(({ values }) => values),
      emptied,
      entry,
    );
  }

  private report(problem: ReadProblem): void {
    this.problems.push(problem);
  }
}

/** One value as the writer takes it for a key with several. */
function asValue(value: unknown, { kind }: KeyEntry): unknown {
  return kind === 'command' ? [value] : value;
}

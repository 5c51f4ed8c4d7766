import { assignments } from './assign';
import { type Format, type KeyEntry, type Section, sectionsOf } from './catalog';
import { problemOfValue } from './check-value';
import { closest } from './closest';
import { DirectiveError, show } from './error';
import { Memo } from './memo';
import { nspawnProblems } from './nspawn-rules';
import { quadletProblems } from './quadlet-rules';
import { hasToken } from './text';
import { Raw, Reset } from './values';
import { problemOfCount, problemOfValueVersion, problemOfVersion, type Target } from './version';
import { VARIABLE_KINDS } from './word';

/** Something wrong with a value, and the manual page that says what is right. */
export interface DirectiveProblem {
  readonly section: string;
  readonly key: string;
  readonly message: string;
}

export interface CheckTarget extends Target {
  /** How to find text that stands for a value not known yet; values with it are not looked into. */
  readonly tokens?: { readonly pattern: RegExp };
}

/**
 * Checks the content of a file: unknown sections and keys, values of the wrong kind, values that the format can't hold,
 * and what the target's version does not know or ignores. Returns every problem; none means it can be written and will
 * be understood as meant. What {@link raw} marks is taken as it is.
 */
export function checkDirectives(format: Format, file: object, target: CheckTarget = {}): DirectiveProblem[] {
  const sections = sectionsOf(format);
  const problems = Object.entries(file).flatMap(([name, content]) => {
    if (content === undefined) return [];
    const section = sections.get(name);
    if (!section)
      return [{ section: name, key: '', message: `unknown section, ${closest(name, [...sections.keys()])}` }];
    if (!section.multiple && Array.isArray(content))
      return [{ section: name, key: '', message: 'is a list, expected the section only once' }];
    return [content].flat().flatMap((keys) => checkSection(format, section, keys, target));
  });
  return [...problems, ...(FILE_RULES[format]?.(file) ?? [])];
}

/** What formats ask of a file as a whole. */
const FILE_RULES: Partial<Record<Format, (file: object) => DirectiveProblem[]>> = {
  quadlet: quadletProblems,
  nspawn: nspawnProblems,
};

function checkSection(format: Format, section: Section, keys: object, target: CheckTarget): DirectiveProblem[] {
  if (typeof keys !== 'object' || keys === null)
    return [{ section: section.name, key: '', message: 'is no record, expected keys and values' }];
  return Object.entries(keys).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const entry = section.keys.get(key);
    if (!entry) {
      const elsewhere = [...sectionsOf(format).values()].find((other) => other.keys.has(key));
      const hint = elsewhere ? `expected it in [${elsewhere.name}]` : closest(key, [...section.keys.keys()]);
      const message = `unknown key, ${hint}, see ${section.page}`;
      return [{ section: section.name, key, message }];
    }
    const messages = [...new Set(checkKey(section, key, entry, value, target))];
    return messages.map((message) => ({ section: section.name, key, message: `${message}, see ${entry.page}` }));
  });
}

// Values that are right in themselves, whatever the host's version.
const sound = new Memo<true>();

function checkKey(section: Section, key: string, entry: KeyEntry, value: unknown, target: CheckTarget): string[] {
  const version = problemOfVersion(entry, section.rules, target);
  const problems = version ? [version] : [];
  if (!sound.get(entry, value)) {
    const written = problemOfWriting(section, key, entry, value, target);
    const found = written ? [written] : [...namesOf(entry, value), ...problemsOfValues(section, entry, value, target)];
    if (found.length === 0) sound.set(entry, value, true);
    problems.push(...found);
  }
  return [...problems, ...versionsOf(entry, value, target)];
}

function problemsOfValues(section: Section, entry: KeyEntry, value: unknown, target: CheckTarget): string[] {
  if (CHECKED_AS_WHOLE.has(entry.kind)) return [];
  // Quadlet knows the units that it makes by the names of their files too.
  const byFile = section.parser === 'quadlet' && entry.kind === 'unit-name';
  const checked = byFile ? { ...entry, kind: 'quadlet-unit-name' } : entry;
  return scalars(value)
    .filter((item) => typeof item !== 'string' || !hasToken(item, target.tokens))
    .flatMap((item) => problemOfValue(item, checked) ?? []);
}

function versionsOf(entry: KeyEntry, value: unknown, target: CheckTarget): string[] {
  if (!entry.enumSince && !entry.listSince) return [];
  const count = problemOfCount(scalars(value).length, entry, target);
  if (count) return [count];
  return scalars(value).flatMap((item) => problemOfValueVersion(item, entry, target) ?? []);
}

// Their words are arguments and variables, which may be anything that can be written.
const CHECKED_AS_WHOLE: ReadonlySet<string> = new Set(['command', ...VARIABLE_KINDS]);

function problemOfWriting(section: Section, key: string, entry: KeyEntry, value: unknown, target: CheckTarget) {
  const tokens = target.tokens && { pattern: target.tokens.pattern, escape: (token: string) => token };
  try {
    assignments(value, { section, key, entry, tokens });
    return undefined;
  } catch (error) {
    if (error instanceof DirectiveError)
      return error.value === undefined ? error.problem : `${show(error.value)} ${error.problem}`;
    throw error;
  }
}

function scalars(value: unknown): (string | number | boolean)[] {
  if (value instanceof Raw) return [];
  if (value instanceof Reset) return scalars(value.values);
  if (Array.isArray(value)) return value.flatMap(scalars);
  return typeof value === 'object' ? [] : [value as string | number | boolean];
}

const NAMES: Readonly<Record<string, { pattern: RegExp; expected: string }>> = {
  environment: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: 'letters, digits and "_"' },
  'journal-field': { pattern: /^[A-Z][A-Z0-9_]{0,63}$/, expected: 'capital letters, digits and "_"' },
};

function namesOf(entry: KeyEntry, value: unknown): string[] {
  const rule = NAMES[entry.kind];
  if (!rule || value instanceof Raw) return [];
  if (value instanceof Reset) return namesOf(entry, value.values);
  if (Array.isArray(value)) return value.flatMap((item) => namesOf(entry, item));
  return Object.keys(value as object)
    .filter((name) => !rule.pattern.test(name))
    .map((name) => `the name "${name}" would be dropped, expected ${rule.expected}`);
}

import { type Format, type KeyEntry, type Section, sectionsOf } from './catalog';
import { closest } from './closest';
import { compile } from './compile';
import { DirectiveError, show } from './error';
import { nspawnProblems } from './nspawn-rules';
import { quadletProblems } from './quadlet-rules';
import { scalars } from './value-problems';
import { knows, problemOfCount, problemOfValueVersion, problemOfVersion, type Target } from './version';
import type { Place } from './word';
import type { WrittenFile } from './write-file';

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
  return [...problems, ...problemsAsAWhole(format, file)];
}

/** The same for a file that has been written. Where that found nothing wrong it is done at once. */
export function checkWritten(
  format: Format,
  file: object,
  { sound, newest }: WrittenFile,
  target: CheckTarget,
): DirectiveProblem[] {
  return sound && knows(target, newest) ? problemsAsAWhole(format, file) : checkDirectives(format, file, target);
}

function problemsAsAWhole(format: Format, file: object): DirectiveProblem[] {
  return FILE_RULES[format]?.(file) ?? [];
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

function checkKey(section: Section, key: string, entry: KeyEntry, value: unknown, target: CheckTarget): string[] {
  const version = problemOfVersion(entry, section.rules, target);
  const found = problemsOf(value, { section, key, entry, tokens: target.tokens && { ...target.tokens, escape: same } });
  return [...(version ? [version] : []), ...found, ...versionsOf(entry, value, target)];
}

const same = (token: string) => token;

function problemsOf(value: unknown, place: Place): readonly string[] {
  try {
    return compile(value, place).problems;
  } catch (error) {
    if (!(error instanceof DirectiveError)) throw error;
    return [error.value === undefined ? error.problem : `${show(error.value)} ${error.problem}`];
  }
}

function versionsOf(entry: KeyEntry, value: unknown, target: CheckTarget): string[] {
  if (!entry.enumSince && !entry.listSince) return [];
  const count = problemOfCount(scalars(value).length, entry, target);
  if (count) return [count];
  return scalars(value).flatMap((item) => problemOfValueVersion(item, entry, target) ?? []);
}

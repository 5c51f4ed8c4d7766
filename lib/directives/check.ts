import { type Format, type KeyEntry, type Section, sectionsOf } from './catalog';
import { closest } from './closest';
import { compile } from './compile';
import { DirectiveError, type DirectiveProblem, show } from './error';
import { withRaw } from './is-set';
import { networkProblems } from './network-rules';
import { knows } from './newest-key';
import { nspawnProblems } from './nspawn-rules';
import { quadletProblems } from './quadlet-rules';
import { hasToken } from './text';
import { unitProblems } from './unit-rules';
import { scalars } from './value-problems';
import { dependsOnValue, problemOfCount, problemOfValueVersion, problemOfVersion, type Target } from './version';
import type { Place } from './word';
import type { WrittenFile } from './write-file';

export interface CheckTarget extends Target {
  /** How to find text that stands for a value not known yet; values with it are not looked into. */
  readonly tokens?: { readonly pattern: RegExp };
  /** The file is a drop-in: what it lacks stands in another. */
  readonly dropIn?: true;
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
    if (!section.multiple && !section.inParts && Array.isArray(content))
      return [{ section: name, key: '', message: 'is a list, expected the section only once' }];
    return [content].flat().flatMap((keys) => checkSection(format, section, keys, target));
  });
  return [...problems, ...problemsAsAWhole(format, file, target)];
}

/** The same for a file that has been written. Where that found nothing wrong it is done at once. */
export function checkWritten(
  format: Format,
  file: object,
  { sound, newest }: WrittenFile,
  target: CheckTarget,
): DirectiveProblem[] {
  return sound && knows(target, newest)
    ? problemsAsAWhole(format, file, target)
    : checkDirectives(format, file, target);
}

/** What a format asks of a file as a whole. */
export function problemsAsAWhole(format: Format, file: object, target: CheckTarget): DirectiveProblem[] {
  const rules = FILE_RULES[format];
  const problems = rules?.(file, target) ?? [];
  const { tokens } = target;
  if (!rules || !tokens || problems.length === 0) return problems;
  // Only where something seems wrong is it worth looking for values that are not known yet.
  return rules(
    withRaw(file, (text) => hasToken(text, tokens)),
    target,
  );
}

const FILE_RULES: Partial<Record<Format, (file: object, target: CheckTarget) => DirectiveProblem[]>> = {
  unit: unitProblems,
  network: networkProblems,
  quadlet: quadletProblems,
  nspawn: nspawnProblems,
};

/** What is wrong with the keys of one section. */
export function checkSection(format: Format, section: Section, keys: object, target: CheckTarget): DirectiveProblem[] {
  if (typeof keys !== 'object' || keys === null)
    return [{ section: section.name, key: '', message: 'is not an object, expected keys and values' }];
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
  if (!dependsOnValue(entry)) return [];
  const count = problemOfCount(scalars(value).length, entry, target);
  if (count) return [count];
  return scalars(value).flatMap((item) => problemOfValueVersion(item, entry, target) ?? []);
}

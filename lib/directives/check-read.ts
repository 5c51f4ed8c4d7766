import { type Format, sectionsOf } from './catalog';
import { type CheckTarget, checkSection, problemsAsAWhole } from './check';
import type { ReadProblem, ReadResult } from './reader/read-directives';

/**
 * What is wrong with files that were read, each with its line: what could not be read, values of the wrong kind, what
 * the target does not know, and what the format asks of a file as a whole. None means that the files mean to the target
 * what they say.
 */
export function checkRead(
  format: Format,
  { sections, problems, places }: ReadResult,
  target: CheckTarget = {},
): ReadProblem[] {
  const found = Object.entries(sections).flatMap(([name, content]) =>
    [content].flat().flatMap((record) => {
      const section = sectionsOf(format).get(name);
      const keys = places.get(record);
      if (!section) return [];
      return checkSection(format, section, record, target).map((problem) => ({
        ...problem,
        ...(keys?.get(problem.key) ?? keys?.get('') ?? NOWHERE),
      }));
    }),
  );
  const ofFiles = problemsAsAWhole(format, sections, target).map((problem) => {
    const keys = [sections[problem.section] ?? []].flat().map((record) => places.get(record));
    const place = keys.find((known) => known?.has(problem.key))?.get(problem.key) ?? keys[0]?.get('');
    return { ...problem, ...(place ?? NOWHERE) };
  });
  return [...problems, ...found, ...ofFiles].map(({ file, line, section, key, message }) => ({
    file,
    line,
    section,
    key,
    message,
  }));
}

const NOWHERE = { file: undefined, line: 1 };

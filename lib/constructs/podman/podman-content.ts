import type { ObjectPart } from '../../manifest/index';
import { Token } from '../cdktf';
import { type DirectiveSet, isRecord } from '../props/directive-set';

/** Arguments that may say anything about what podman makes. */
const ARGUMENTS = ['PodmanArgs', 'GlobalArgs', 'ContainersConfModule'];

/**
 * What a Quadlet file says of a network or volume, in the fields of its kind, for the engine to compare with what is
 * there. A field that is not known at synthesis, or is written as raw text, is left out.
 * @param fields text of each field, of several values one a line
 */
export function contentSpec(
  directives: DirectiveSet,
  section: string,
  fields: Readonly<Record<string, string | undefined>>,
): Pick<ObjectPart, 'spec'> {
  if (ARGUMENTS.some((key) => directives.get(section, key) !== undefined)) return {};
  const known = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return { spec: Object.fromEntries(known) };
}

/** The text of a directive. */
export function textOf(value: unknown): string | undefined {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain && !Token.isUnresolved(value) ? String(value) : undefined;
}

/** The values of a list, each brought into the form in which podman shows it. */
export function linesOf(value: unknown, form: (text: string) => string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return allOf(
    [value].flat().map((item) => {
      const text = textOf(item);
      return text === undefined ? undefined : form(text);
    }),
  );
}

/** Options or labels, a line of `key=value` each. */
export function pairsOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const records = [value].flat();
  if (!records.every(isRecord)) return undefined;
  const pairs = records.flatMap((record) => Object.entries(record).filter(([, text]) => text !== undefined));
  return allOf(
    pairs.map(([key, item]) => {
      const text = textOf(item);
      return text === undefined || text.includes('\n') || Token.isUnresolved(key) ? undefined : `${key}=${text}`;
    }),
  );
}

// Without any there is nothing to compare.
function allOf(lines: readonly (string | undefined)[]): string | undefined {
  return lines.length === 0 || lines.includes(undefined) ? undefined : lines.join('\n');
}

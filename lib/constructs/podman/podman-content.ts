import type { ObjectPart } from '../../manifest/index';
import { Token } from '../cdktf';
import { type DirectiveSet, isRecord } from '../props/directive-set';

/** Keys with arguments that can change anything about the object. */
const ARGUMENTS = ['PodmanArgs', 'GlobalArgs', 'ContainersConfModule'];

/**
 * The content of a network or volume in a Quadlet file, as fields of its kind. The engine compares them with the object
 * on the host. A field is left out when its value is not known at synthesis or is raw text.
 * @param fields Text of each field. A list has one value per line.
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

/** The value of a directive as text. */
export function textOf(value: unknown): string | undefined {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain && !Token.isUnresolved(value) ? String(value) : undefined;
}

/** The values of a list, one per line, each in the form that podman shows. */
export function linesOf(value: unknown, form: (text: string) => string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return allOf(
    [value].flat().map((item) => {
      const text = textOf(item);
      return text === undefined ? undefined : form(text);
    }),
  );
}

/** Options or labels as lines of `key=value`. */
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

// An empty list is not compared.
function allOf(lines: readonly (string | undefined)[]): string | undefined {
  return lines.length === 0 || lines.includes(undefined) ? undefined : lines.join('\n');
}

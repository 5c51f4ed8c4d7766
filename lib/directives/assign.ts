import { assignCommands, writeArgv } from './command';
import { checkLine, TextProblem } from './text';
import { Raw, Reset } from './values';
import { attempt, type Place, problem, textOf, VARIABLE_KINDS, writeValue } from './word';

/** The right sides of the assignments that a value makes, one per line. @throws DirectiveError */
export function assignments(value: unknown, place: Place): readonly string[] {
  const lines = assign(value, place);
  attempt(value, place, () => {
    const written = value instanceof Reset ? lines.slice(1) : lines;
    if (place.entry.repeat && written.includes(''))
      throw new TextProblem('is empty, which would clear the list, expected text; reset([]) clears a list');
    for (const line of lines) checkLine(line, place.section.parser);
  });
  return lines;
}

function assign(value: unknown, place: Place): string[] {
  const { entry } = place;
  if (value === undefined) return [];
  if (value instanceof Raw) return [writeValue(value, place)];
  if (value instanceof Reset) {
    if (!entry.reset) throw problem(place, undefined, "it can't be cleared, expected values without reset");
    return ['', ...(value.values.length === 0 ? [] : assign(value.values, place))];
  }
  if (entry.kind === 'command')
    return entry.class === 'exec' ? assignCommands(value, place) : [writeArgv(value, place)];
  if (VARIABLE_KINDS.has(entry.kind)) return assignVariables(value, place);
  if (!Array.isArray(value)) return assignList([value], place);
  if (value.length > 1 && !entry.repeat && !entry.list) throw problem(place, value, 'is a list, expected one value');
  return assignList(value, place);
}

const SEPARATORS = { space: ' ', comma: ',', colon: ':' };

// Names share a line; longer values, such as paths, have a line each where the key allows it.
function assignList(values: readonly unknown[], place: Place): string[] {
  const { entry } = place;
  if (!entry.list) return values.map((value) => writeValue(value, place));
  const join = (items: readonly unknown[]) =>
    items.map((item) => writeValue(item, place)).join(SEPARATORS[entry.list ?? 'space']);
  if (entry.negate) return groupByMark(values, entry.negate).map(({ mark, items }) => mark + join(items));
  const short =
    !entry.lineSince && (entry.class === 'plain' || entry.class === 'retain' || SHORT.has(entry.kind) || !entry.repeat);
  return (short ? sharingLines(values, place) : values.map((value) => [value])).map(join);
}

// A raw text may open a quote that it does not close, which would take in the next one on its line.
function sharingLines(values: readonly unknown[], { entry }: Place): unknown[][] {
  const lines: unknown[][] = [];
  let open: unknown[] | undefined;
  for (const value of values) {
    const alone = entry.repeat && value instanceof Raw && /["'\\]/.test(value.text);
    if (alone || !open) {
      open = [];
      lines.push(open);
    }
    open.push(value);
    if (alone) open = undefined;
  }
  return lines;
}

const SHORT: ReadonlySet<string> = new Set(['arguments', 'capability', 'cpu-list', 'architecture', 'env-name']);

// In the file a mark in front of a line is about the whole line; in our lists it is about the value that it stands at.
function groupByMark(values: readonly unknown[], negate: string): { mark: string; items: unknown[] }[] {
  const groups: { mark: string; items: unknown[] }[] = [];
  for (const value of values) {
    const marked = typeof value === 'string' && value.startsWith(negate);
    const item = marked ? value.slice(negate.length) : value;
    const mark = marked ? negate : '';
    const last = groups.at(-1);
    if (last?.mark === mark) last.items.push(item);
    else groups.push({ mark, items: [item] });
  }
  return groups;
}

function assignVariables(value: unknown, place: Place): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => assignVariables(item, place));
  if (value instanceof Raw) return [writeValue(value, place)];
  if (typeof value !== 'object' || value === null)
    throw problem(place, value, 'is not an object, expected names and values such as { LANG: "C" }');
  return Object.entries(value)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => {
      if (!/^[^\s=\0"'\\]+$/.test(name))
        throw problem(place, name, 'is not a name, expected a name without blanks and "="');
      if (text instanceof Raw) return `${writeValue(name, place)}=${writeValue(text, place)}`;
      return writeValue(`${name}=${textOf(text, place)}`, place);
    });
}

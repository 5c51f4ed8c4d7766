import type fc from 'fast-check';
import { checkRead, type Format, type ReadProblem, readDirectives, writeFile } from '../../lib/directives';
import * as hostile from '../directives/support/hostile';
import { madeContainer, madeService, madeSocket, madeTimer } from '../directives/support/made-files';
import { type Files, linesOf } from '../directives/support/manager';
import { describeHost } from './host';
import { dumpOnHost, dumpQuadlet } from './host-manager';

const FILES = 100;
const TARGET = { systemd: 257, podman: '5.4.2' };
const { seed } = hostile;

interface Made {
  readonly name: string;
  readonly text: string;
  readonly sections: object;
  readonly problems: readonly ReadProblem[];
}

function make(arbitrary: fc.Arbitrary<string>, type: string, format: Format): Made[] {
  return hostile.sample(arbitrary, FILES).map((text, index) => {
    const name = `${type}${index}.${type}`;
    const read = readDirectives(format, [{ name, text }], TARGET);
    return { name, text, sections: read.sections, problems: checkRead(format, read, TARGET) };
  });
}

const filesOf = (made: readonly Made[], textOf: (file: Made) => string): Files =>
  Object.fromEntries(made.map((file) => [file.name, textOf(file)]));

/** Why the parser says something where the reader does not. */
const REMARKS = /is obsolete|unknown escape sequence|bad unit file setting/;
/**
 * Why the reader says something where the parser does not: what has no effect, is a misspelt key or line, or is refused
 * when the unit is loaded.
 */
const STRICTER = /unknown key|no effect|never comes|is not an assignment|the process|is missing|systemd refuses/;
/** With these the parser takes the words in front of the place, or refuses the whole file; so does the writer. */
const CUT =
  /is not closed|unknown escape|is not a program|expected a path without|expected the path of a file|expected an absolute path or a name/;

describeHost('the parsers', () => {
  test.each([
    ['service', madeService],
    ['socket', madeSocket],
    ['timer', madeTimer],
  ])(`read ${FILES} made files of the type %s as the reader does (SEED=${seed})`, async (type, arbitrary) => {
    const made = make(arbitrary, type, 'unit').filter(
      ({ problems }) => !problems.some(({ message }) => CUT.test(message)),
    );
    const original = await dumpOnHost(filesOf(made, ({ text }) => text));
    const anew = await dumpOnHost(filesOf(made, ({ sections }) => writeFile('unit', sections).text));
    const found = made.map(({ name, text, problems }) => {
      const complaints = original.messages.flatMap((message) => {
        const line = new RegExp(`/${name}:(\\d+): `).exec(message)?.[1];
        return line === undefined || REMARKS.test(message) ? [] : [firstLine(text, Number(line))];
      });
      const reported = new Set(problems.map(({ line }) => line));
      return {
        text,
        accepted: complaints.filter((line) => !reported.has(line)),
        refused: problems.filter(({ line, message }) => !complaints.includes(line) && !STRICTER.test(message)),
        lines: comparable(original.units.get(name) ?? '', type),
      };
    });
    const expected = found.map(({ text }, index) => {
      const lines = comparable(anew.units.get(made[index]?.name ?? '') ?? '', type);
      return { text, accepted: [], refused: [], lines };
    });
    expect(made.length).toBeGreaterThan(FILES / 2);
    expect(found).toEqual(expected);
  });

  test(`read ${FILES} made containers as the reader does (SEED=${seed})`, async () => {
    const sound = make(madeContainer, 'container', 'quadlet').filter(({ problems }) => problems.length === 0);
    const original = await dumpQuadlet(filesOf(sound, ({ text }) => text));
    const anew = await dumpQuadlet(filesOf(sound, ({ sections }) => writeFile('quadlet', sections).text));
    const linesFor = ({ units }: typeof original) =>
      sound.map(({ name, text }) => ({
        text,
        lines: comparable(units.get(name.replace('.container', '.service')) ?? '', 'container'),
      }));
    expect(sound.length).toBeGreaterThan(FILES / 4);
    expect(linesFor(anew)).toEqual(linesFor(original));
  });
});

/** Where an assignment begins that ends on a line. The parser names the last of the lines that continue one another. */
function firstLine(text: string, last: number): number {
  const lines = text.split('\n');
  const isComment = (line = '') => /^[ \t]*[#;]/.test(line);
  let first = last;
  for (let above = last - 1; above > 0; above--) {
    if (isComment(lines[above - 1])) continue;
    if (!/(?<!\\)(?:\\\\)*\\$/.test(lines[above - 1] ?? '')) break;
    first = above;
  }
  return first;
}

/** The lines about a unit; but for a socket, in whose lists the order of the keys means nothing, each key's together. */
function comparable(block: string, type: string): string[] {
  const lines = linesOf(block).map((line) => (type === 'container' ? sortOptions(line) : line));
  if (type === 'socket') return lines;
  const isShared = (line: string) => /^\t\t(?:Bind(?:ReadOnly)?Paths|On\w+Sec|OnCalendar): /.test(line);
  return [...lines.filter((line) => !isShared(line)), ...lines.filter(isShared).sort()];
}

/** Quadlet gives options in any order, and capabilities as they were written. */
function sortOptions(line: string): string {
  if (!line.includes('Command Line: ')) return line;
  return line
    .replace(/(--cap-\w+ )(?!cap_|all)/g, '$1cap_')
    .split(' ')
    .sort()
    .join(' ');
}

import { isDeepStrictEqual } from 'node:util';
import { checkDirectives } from '../../lib/directives';
import * as hostile from '../directives/support/hostile';
import { commandsOf, linesOf } from '../directives/support/manager';
import {
  filesOfKeys,
  GROUPS,
  type Group,
  hostileTexts,
  markedTexts,
  namesOf,
  quadletOf,
  replaceMarks,
  type Texts,
} from '../directives/support/quadlet-samples';
import { writeQuadlet } from '../directives/support/read-write';
import { describeHost } from './host';
import { dumpQuadlet } from './host-manager';

const CONTAINERS = 500;
const OTHERS = 200;
const { seed } = hostile;

// Quadlet copies the path of a volume unescaped to RequiresMountsFor, which then may have another or none.
const ORDER = /^\S+:9: Invalid syntax, ignoring: \/|MountsFor[:=] |\(origin-path\)/;

interface Sample {
  readonly group: Group;
  readonly name: string;
  readonly texts: Texts;
}

function samplesOf(group: Group): Sample[] {
  const all = [markedTexts(group), ...hostile.sample(hostileTexts(group), group === 'Container' ? CONTAINERS : OTHERS)];
  return all.map((texts, index) => ({ group, name: `${group.toLowerCase()}${index}`, texts }));
}

/** What a manager understood of a unit, whatever its name. */
function understood(block: string, name: string): { commands: string[][]; rest: string[] } {
  const { commands, rest } = commandsOf(block.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'NAME'));
  return { commands, rest: linesOf(rest).filter((line) => !ORDER.test(line)) };
}

/** A command's words, and what stands behind which option; Quadlet gives options in any order. */
function argumentsOf(words: readonly string[], template: readonly string[], texts: Texts) {
  const fill = (word = '') => replaceMarks(word, texts).replaceAll('$', '$$$$');
  const pairs = template.flatMap((option, index) =>
    /^--[^=<]+$/.test(option) && /<\w+>/.test(template[index + 1] ?? '') ? [[option, fill(template[index + 1])]] : [],
  );
  const missing = pairs.filter(
    ([option, value]) => !words.some((word, index) => word === option && words[index + 1] === value),
  );
  return { missing, got: [...words].sort(), wanted: template.map(fill).sort() };
}

describeHost('Quadlet and the service manager', () => {
  test(`make of ${CONTAINERS} containers and ${OTHERS} files of each other group with hostile values what they say, and nothing else (SEED=${seed})`, async () => {
    const samples = (Object.keys(GROUPS) as Group[]).flatMap(samplesOf);
    const textOf = ({ group, texts }: Sample) => writeQuadlet(quadletOf(group, texts));
    const files = samples.map((sample) => [namesOf(sample.group, sample.name).file, textOf(sample)]);
    const { units, messages } = await dumpQuadlet(Object.fromEntries(files));
    expect({ seed, messages: messages.filter((message) => !ORDER.test(message)) }).toEqual({ seed, messages: [] });
    const templates = new Map<Group, ReturnType<typeof understood>>();
    for (const sample of samples) {
      const { group, name, texts } = sample;
      const { commands, rest } = understood(units.get(namesOf(group, name).unit) ?? '', name);
      const template = templates.get(group) ?? { commands, rest };
      templates.set(group, template);
      const compared = template.commands.map((words, index) => argumentsOf(commands[index] ?? [], words, texts));
      const where = { seed, text: textOf(sample), number: template.commands.length };
      expect({
        ...where,
        number: commands.length,
        missing: compared.flatMap(({ missing }) => missing),
        commands: compared.map(({ got }) => got),
        rest,
      }).toEqual({
        ...where,
        missing: [],
        commands: compared.map(({ wanted }) => wanted),
        rest: replaceMarks(template.rest.join('\n'), texts).split('\n'),
      });
    }
  });

  test('make something of every key that is accepted', async () => {
    const texts: Record<string, string> = { 'other.pod': writeQuadlet({ Pod: {} }) };
    const pairs = filesOfKeys().map(({ group, key, having, lacking }, index) => {
      const problems = checkDirectives('quadlet', having, { podman: '5.4.2' });
      expect({ group, key, problems }).toEqual({ group, key, problems: [] });
      const names = [`with${index}`, `without${index}`] as const;
      for (const [name, file] of [
        [names[0], having],
        [names[1], lacking],
      ] as const)
        texts[namesOf(group, name).file] = writeQuadlet(file);
      return { group, key, names };
    });
    const { units, messages } = await dumpQuadlet(texts);
    const lost = pairs.flatMap(({ group, key, names }) => {
      const [having, lacking] = names.map((name) => understood(units.get(namesOf(group, name).unit) ?? '', name));
      return isDeepStrictEqual(having, lacking) ? [`${group}.${key}`] : [];
    });
    // The tag of a pulled image is only for the files that name it.
    expect(lost).toEqual(['Image.ImageTag']);
    expect(messages.filter((message) => !ORDER.test(message) && !/converting "without/.test(message))).toEqual([]);
  });
});

import * as hostile from './hostile';
import { commandsOf, type Dump, type Files } from './manager';
import { writeUnit } from './read-write';
import { PLAIN_UNIT, type UnitSample, unitOf, unitSample } from './unit-samples';

/** Units with hostile values, for a service manager to load; the first is plain. */
export function hostileUnits(count: number): { samples: UnitSample[]; files: Files } {
  const samples = [PLAIN_UNIT, ...hostile.sample(unitSample, count)];
  return { samples, files: Object.fromEntries(samples.map((sample, index) => [nameOf(index), textOf(sample)])) };
}

/** Expects that a manager understood units as their samples say, and nothing else. */
export function expectUnits(samples: readonly UnitSample[], { units, messages }: Dump): void {
  expect({ seed: hostile.seed, messages }).toEqual({ seed: hostile.seed, messages: [] });
  const plain = compare(units.get(nameOf(0)) ?? '', PLAIN_UNIT).more;
  samples.forEach((sample, index) => {
    const block = units.get(nameOf(index)) ?? '';
    const got = { commands: commandsOf(block).commands, ...compare(block, sample) };
    const wanted = { commands: [expanded(sample.argv), sample.argvPost], missing: [], more: plain };
    const where = { seed: hostile.seed, text: textOf(sample) };
    expect({ ...where, ...got }).toEqual({ ...where, ...wanted });
  });
}

const nameOf = (index: number) => `u${index}.service`;
const textOf = (sample: UnitSample) => writeUnit(unitOf(sample));

function expanded([program = '', ...words]: readonly string[]): string[] {
  return [program, ...words.map((word) => word.replaceAll('$', '$$$$'))];
}

function printedOf(sample: UnitSample): string[] {
  const variables = (key: string, values: Files) =>
    Object.entries(values).map(([name, value]) => `${key}: ${name}=${value}`);
  return [
    `Description: ${sample.Description}`,
    ...variables('Environment', sample.Environment),
    ...variables('LogExtraFields', sample.LogExtraFields),
    `ReadWritePaths: ${sample.ReadWritePaths.join(' ')}`,
    `InaccessiblePaths: ${sample.InaccessiblePaths.join(' ')}`,
    `ExecSearchPath: ${sample.ExecSearchPath.join(' ')}`,
    ...sample.BindPaths.map(([source, target]) => `BindPaths: ${source}:${target}:rbind`),
    `TemporaryFileSystem: ${sample.TemporaryFileSystem}:ro`,
    `SELinuxContext: ${sample.SELinuxContext}`,
    `UnsetEnvironment: ${sample.UnsetEnvironment}`,
    `ConditionHost: |${sample.ConditionHost} untested`,
    `EnvironmentFile: -${sample.EnvironmentFile}`,
    `StateDirectory: ${sample.StateDirectory}`,
    `UtmpIdentifier: ${sample.UtmpIdentifier}`,
    `DeviceAllow: /dev${sample.device} rw`,
  ];
}

/** What a unit's lines say beside what was expected, its name and the moment; and what was expected and is not there. */
function compare(block: string, sample: UnitSample): { missing: string[]; more: string[] } {
  const missing: string[] = [];
  let { rest } = commandsOf(block);
  for (const printed of printedOf(sample)) {
    if (!rest.includes(`\t\t${printed}\n`)) missing.push(printed);
    rest = rest.replace(`\t\t${printed}\n`, () => '');
  }
  // Where state lies depends on the version; that it is needed is no value of the file.
  const state = rest.split(`/${sample.StateDirectory} (origin-file)\n`);
  rest = state.join('\n').replace(/\t\tRequiresMountsFor: [\w./]*\n/, '');
  const ofMoment = /Timestamp: |Fragment Path: |-> Job |Action: |Description: x$/;
  const more = rest.split('\n').filter((line) => !ofMoment.test(line));
  return { missing, more: more.sort() };
}

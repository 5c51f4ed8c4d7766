import { raw, writeUnit } from '../../lib/directives';
import * as hostile from './support/hostile';
import { dump, managerMissing, unquoteShell } from './support/manager';
import { PLAIN_UNIT, type UnitSample, unitOf, unitSample } from './support/unit-samples';

const UNITS = 300;
const missing = managerMissing();
const whenManager = missing ? test.skip : test;
const because = missing ? ` (skipped: ${missing})` : '';

function printedOf(sample: UnitSample): string[] {
  const variables = (key: string, values: Readonly<Record<string, string>>) =>
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

const COMMAND = /\t\t-> (ExecStart(?:Post)?):\n\t*Command Line: ([^\n]*)\n/g;

/** What a unit's lines say beside what was expected, its name and the moment; and what was expected and is not there. */
function compare(block: string, sample: UnitSample): { missing: string[]; more: string[] } {
  const missing: string[] = [];
  let rest = block.replace(COMMAND, '');
  for (const printed of printedOf(sample)) {
    if (!rest.includes(`\t\t${printed}\n`)) missing.push(printed);
    rest = rest.replace(`\t\t${printed}\n`, () => '');
  }
  // Where state lies depends on the version; that it is needed is no value of the file.
  const state = rest.split(`/${sample.StateDirectory} (origin-file)\n`);
  rest = state.join('\n').replace(/\t\tRequiresMountsFor: [\w./]*\n/, '');
  const ofMoment = /Timestamp: |Fragment Path: |-> Job |Action: |Description: x$/;
  return {
    missing,
    more: rest
      .split('\n')
      .filter((line) => !ofMoment.test(line))
      .sort(),
  };
}

describe('a service manager', () => {
  whenManager(`reads back ${UNITS} hostile units as they were given, and nothing else${because}`, () => {
    const samples = [PLAIN_UNIT, ...hostile.sample(unitSample, UNITS)];
    const texts = samples.map((sample) => writeUnit(unitOf(sample)));
    const { units, messages } = dump(Object.fromEntries(texts.map((text, index) => [`u${index}.service`, text])));
    expect({ seed: hostile.seed, messages }).toEqual({ seed: hostile.seed, messages: [] });
    const plain = compare(units.get('u0.service') ?? '', PLAIN_UNIT).more;
    const expands = ([program = '', ...words]: string[]) => [
      program,
      ...words.map((word) => word.replaceAll('$', '$$$$')),
    ];
    samples.forEach((sample, index) => {
      const block = units.get(`u${index}.service`) ?? '';
      const commands = [...block.matchAll(COMMAND)].map(([, key, words]) => [key, unquoteShell(words ?? '')]);
      const got = { seed: hostile.seed, text: texts[index], commands, ...compare(block, sample) };
      const wanted = [
        ['ExecStart', expands(sample.argv)],
        ['ExecStartPost', sample.argvPost],
      ];
      expect(got).toEqual({ ...got, commands: wanted, missing: [], more: plain });
    });
  });

  whenManager(`reads a raw value with its specifiers${because}`, () => {
    const text = writeUnit({ Service: { ExecStart: ['/bin/echo', raw('%n'), '%n'] } });
    const block = dump({ 'x.service': text }).units.get('x.service') ?? '';
    expect(block).toContain('Command Line: /bin/echo x.service %n');
  });
});

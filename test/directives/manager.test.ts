import { raw } from '../../lib/directives';
import { expectUnits, hostileUnits } from './support/expect-units';
import { seed } from './support/hostile';
import { commandsOf, dump, managerMissing } from './support/manager';
import { writeUnit } from './support/read-write';

const UNITS = 300;
const missing = managerMissing();
const whenManager = missing ? test.skip : test;
const because = missing ? ` (skipped: ${missing})` : '';

describe('a service manager', () => {
  whenManager(`reads back ${UNITS} hostile units as they were given, and nothing else (SEED=${seed})${because}`, () => {
    const { samples, files } = hostileUnits(UNITS);
    expectUnits(samples, dump(files));
  });

  whenManager(`reads a raw value with its specifiers${because}`, () => {
    const text = writeUnit({ Service: { ExecStart: ['/bin/echo', raw('%n'), '%n'] } });
    const { commands } = commandsOf(dump({ 'x.service': text }).units.get('x.service') ?? '');
    expect(commands).toEqual([['/bin/echo', 'x.service', '%n']]);
  });
});

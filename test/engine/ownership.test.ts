import { planService } from '../../lib/engine';
import { recordsOfBegun } from '../../lib/engine/ownership';
import { readRecord } from '../../lib/engine/record';
import type { HostState } from '../../lib/engine/state';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, web } from './fixtures';

const ROOT = 'machine-root:/var/lib/machines/web';
const machine: Manifest = {
  ...web,
  adopt: true,
  objects: { [ROOT]: { spec: { image: 'a'.repeat(64) } } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [...Object.keys(web.files), ROOT] } },
};

/** What a plan says after an apply was cut off as soon as it had written its record, and maybe some of its files. */
function cutOff(desired: Manifest, before: HostState, written: HostState['files'] = before.files): string[] {
  const [begun] = recordsOfBegun([planService(before, desired)], before);
  const record = readRecord('web', String(begun?.content));
  if (typeof record === 'string') throw new Error(`what was written ${record}`);
  const after = { ...before, files: written, records: new Map([['web', record]]) };
  return planService(after, desired).steps.map(({ verb, key }) => `${verb} ${key}`);
}

test('what is adopted as it is goes on running when the adoption is cut off', () => {
  const foreign = hostWith([machine], ({ records }) => records.clear());
  expect(cutOff(machine, foreign)).toEqual(['record web']);
});

test('what is adopted with another file restarts, also when it is cut off after the file was written', () => {
  const foreign = hostWith([machine], ({ records, files }) => {
    records.clear();
    edit(files, '/etc/systemd/system/web.service', { content: Buffer.from('[Service]\nUser=x\n') });
  });
  expect(cutOff(machine, foreign, hostWith([machine]).files)).toEqual(['restart web.service']);
});

test('what is new is begun again', () => {
  const begun = cutOff(web, hostWith([]));
  expect(begun).toEqual(['write /etc/systemd/system/web.service', 'enable web.service', 'start web.service']);
});

test('an update that is cut off after its files were written restarts what runs with the old ones', () => {
  const [path = ''] = Object.keys(web.files);
  const file = { content: '[Service]\nNice=5\n', mode: '0644', owner: 'root', group: 'root' };
  const changed = { ...web, files: { [path]: file } };
  expect(cutOff(changed, hostWith([web]), hostWith([changed]).files)).toEqual(['restart web.service']);
});

test.each<[string, string, string]>([
  ['restarts what may still run with another', '[Service]\nUser=x\n', 'restart web.service'],
  ['makes sure that systemd knows it', '[Service]\n[Unit]\nDescription=x\n', 'record web'],
])('a repair that is cut off after the file was written %s', (_, edited, expected) => {
  const drifted = hostWith([web], ({ files }) => {
    edit(files, '/etc/systemd/system/web.service', { content: Buffer.from(edited) });
  });
  expect(cutOff(web, drifted, hostWith([web]).files)).toEqual([expected]);
});

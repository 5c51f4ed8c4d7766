import { planService, type ServicePlan, type ServiceRecord } from '../../../lib/engine';
import { goingBack, planBack } from '../../../lib/engine/generations/plan-back';
import { type KeptVersion, withContents } from '../../../lib/engine/generations/read';
import { completed, recordsOfBegun } from '../../../lib/engine/ownership';
import { readRecord, withoutContents } from '../../../lib/engine/record';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, UNIT, web } from '../fixtures';

const image = (letter: string) => `image-root:${letter.repeat(64)}`;
const unit = (content: string) => ({ [UNIT]: { content, mode: '0644', owner: 'root', group: 'root' } });
const first: Manifest = { ...web, files: unit('[Service]\nA=1\n'), objects: { [image('a')]: {} } };
const second: Manifest = {
  ...first,
  files: unit('[Service]\nA=2\n'),
  objects: { [image('b')]: {}, 'podman-volume:new': {} },
};
const kept = (manifest: Manifest): KeptVersion => ({ service: manifest.name, number: 1, manifest, assets: new Map() });

/** A host on which a change from one version to another has failed. */
function failed(from: Manifest, to: Manifest) {
  const before = hostWith([from]);
  const [file] = recordsOfBegun([planService(before, to)], before);
  const record = readRecord(from.name, String(file?.content)) as ServiceRecord;
  return hostWith([to], ({ records, objects }) => {
    records.set(from.name, record);
    objects.set(image('a'), 'complete');
    for (const key of Object.keys(to.objects)) objects.set(key, 'complete');
  });
}

test('going back writes the old files and starts with them, removes the new image, and leaves data alone', () => {
  const { state, plans } = planBack(failed(first, second), [kept(first)]);
  expect(plans.flatMap((plan) => steps(plan))).toEqual([
    expect.stringContaining(`write ${UNIT}`),
    expect.stringContaining('restart web.service'),
    expect.stringContaining(`delete ${image('b')}`),
  ]);
  const [plan] = plans;
  expect(plan?.keeps).toEqual(['podman-volume:new']);
  const record = completed(plan as ServicePlan, first, state);
  expect(record).toMatchObject({ complete: true, manifest: withoutContents(first) });
  expect(record).not.toHaveProperty('generation');
  expect([...record.owns.objects].sort()).toEqual([image('a'), 'podman-volume:new']);
});

const TOKEN = 'secret:web/token';
const withSecret = (source: string): Manifest => ({
  ...first,
  objects: { [TOKEN]: { spec: { source, from: 'TOKEN', owner: '0:0', mode: '0400' } } },
});

test.each<[string, string, object | undefined, string[]]>([
  ['is gone is an obstacle', 'file', undefined, ['it is missing, and going back reads no values of secrets']],
  [
    'has another mode is an obstacle',
    'file',
    { owner: '0:0', mode: '0444', intact: true, encrypted: false },
    ['it has mode 0444, expected 0400, and going back reads no values of secrets'],
  ],
  ['is there stays as it is', 'file', { owner: '0:0', mode: '0400', intact: true, encrypted: false }, []],
  ['the host generates is written', 'generated', undefined, []],
])('a secret of the version before that %s', (_, source, actual, problems) => {
  const before = withSecret(source);
  const host = hostWith([second], ({ objects }) => {
    if (actual) objects.set(TOKEN, actual);
  });
  const { plans } = planBack(host, [kept(before)]);
  expect(plans.flatMap(({ obstacles }) => obstacles.map(({ problem }) => problem))).toEqual(problems);
  const known = planBack(host, [kept(before)], () => Buffer.from('value'));
  expect(known.plans.flatMap(({ obstacles }) => obstacles)).toEqual([]);
});

test('a job gets its files back and does not run', () => {
  const job = (manifest: Manifest): Manifest => ({
    ...manifest,
    units: { 'web.service': { state: 'done', restartOn: [UNIT] } },
  });
  const { plans } = planBack(failed(job(first), job(second)), [kept(job(first))]);
  const verbs = plans.flatMap((plan) => plan.steps.map(({ verb }) => verb));
  expect(verbs).toContain('write');
  expect(verbs).not.toContain('start');
});

test('what was switched for a failed service goes back with it, and what else uses that', () => {
  const config = {
    ...first,
    name: 'config',
    units: {},
    files: { '/etc/a': unit('1')[UNIT] ?? { mode: '', owner: '', group: '' } },
  };
  const before = (name: string): Manifest => ({ ...first, name, after: ['config', 'db'] });
  const now = ['config', 'db', 'web', 'api', 'other'].map((name): [string, ServiceRecord] => {
    const was = name === 'config' ? config : name === 'db' || name === 'other' ? { ...first, name } : before(name);
    const old = completed({}, was, hostWith([]));
    const is = completed(
      {},
      { ...was, files: { ...was.files, '/etc/b': { content: '2', mode: '0644', owner: 'root', group: 'root' } } },
      {
        ...hostWith([]),
        records: new Map([[name, old]]),
      },
    );
    return [name, name === 'web' ? { ...old, begun: true } : is];
  });
  const records = new Map(now);
  const plan = { ...planService(hostWith([]), { ...before('web'), objects: {} }), name: 'web' };
  const all = new Set(['config', 'db', 'api', 'other']);
  expect(goingBack([plan], all, { records })).toEqual(['web', 'config', 'api']);
  expect(goingBack([plan], new Set(['db', 'other']), { records })).toEqual(['web']);
  const desired = { ...before('web'), objects: {}, rollback: false };
  expect(goingBack([{ ...plan, desired }], new Set(), { records })).toEqual([]);
});

test('a service that was repaired in vain, or is new, has nothing to go back to', () => {
  const host = hostWith([first]);
  const record = { ...(host.records.get('web') as ServiceRecord), begun: true } as const;
  const plan = planService(host, first);
  expect(goingBack([plan], new Set(), { records: new Map([['web', record]]) })).toEqual([]);
  const unfinished = { ...record, complete: false };
  const other = planService(host, second);
  expect(goingBack([other], new Set(), { records: new Map([['web', unfinished]]) })).toEqual([]);
  expect(goingBack([other], new Set(), { records: new Map([['web', record]]) })).toEqual(['web']);
});

test('contents count only if they are those that were applied', () => {
  const version = { service: 'web', number: 1 };
  const contents = (text: string) => new Map([[UNIT, Buffer.from(text)]]);
  expect(withContents(version, withoutContents(first), contents('[Service]\nA=1\n'))).toMatchObject({
    manifest: first,
  });
  expect(withContents(version, withoutContents(first), contents('[Service]\nA=evil\n'))).toBe(
    `${UNIT} was changed by hand before`,
  );
  expect(withContents(version, withoutContents(first), new Map())).toBe(`${UNIT} was changed by hand before`);
});

import { planService } from '../../../lib/engine';
import { kindNamed } from '../../../lib/engine/kinds';
import { checkManifest, type Manifest } from '../../../lib/manifest';
import { hostWith, UNIT, web } from '../fixtures';

const KEY = 'docker-container:web-0123456789ab';
const config = {
  Image: 'sha256:1',
  Env: ['A=1'],
  Labels: { own: '1' },
  HostConfig: { NetworkMode: 'bridge', Binds: ['/a:/b:rw'], CapDrop: ['ALL'], CapAdd: [], Privileged: false },
};
const limits = { Memory: 64, MemorySwap: 64, PidsLimit: 0 };
const container: Manifest = {
  ...web,
  objects: { [KEY]: { spec: { config: JSON.stringify(config), limits: JSON.stringify(limits) } } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};

/** What docker says of a container, and what differs from one that is as it was created. */
const answer = ({ Config = {}, HostConfig = {}, ...others }: Record<string, object> = {}) => ({
  Config: {
    ...config,
    HostConfig: undefined,
    Env: ['A=1', 'PATH=/bin'],
    Labels: { own: '1', ofImage: '2' },
    ...Config,
  },
  HostConfig: { ...config.HostConfig, ...limits, CapAdd: null, PidsLimit: null, ShmSize: 67108864, ...HostConfig },
  NetworkSettings: { Networks: { bridge: {} } },
  State: { Paused: false },
  ...others,
});

function stepsFor(text: string): string[] {
  const actual = kindNamed('docker-container').read(text);
  const { steps } = planService(
    hostWith([container], ({ objects }) => objects.set(KEY, actual)),
    container,
  );
  return steps.map(({ verb, key, reason }) => `${verb} ${key}: ${reason}`);
}

test('its manifest is valid', () => {
  expect(checkManifest(container)).toEqual([]);
});

test.each([['x'], ['[]'], ['null']])('a description that is %s is not', (text) => {
  const manifest = { ...container, objects: { [KEY]: { spec: { config: text, limits: '{}' } } } };
  expect(checkManifest(manifest)).toEqual([
    { at: ['objects', KEY, 'spec', 'config'], message: 'is not an object in JSON' },
  ]);
});

test('a container is as it was created although docker shows what is empty in its own way, and what an image adds', () => {
  expect(stepsFor(JSON.stringify(answer()))).toEqual([]);
  expect(stepsFor(JSON.stringify(answer({ HostConfig: { MemorySwap: -1 } })))).toEqual([]);
});

test.each<[string, Record<string, object>, string[]]>([
  ['has another image', { Config: { Image: 'sha256:2' } }, ['Image']],
  ['lacks a variable', { Config: { Env: ['PATH=/bin'] } }, ['Env']],
  ['lacks a label', { Config: { Labels: {} } }, ['Labels']],
  [
    'is privileged',
    { HostConfig: { Privileged: true, CapAdd: ['ALL'] } },
    ['HostConfig.CapAdd', 'HostConfig.Privileged'],
  ],
  ['is on another network', { NetworkSettings: { Networks: { bridge: {}, other: {} } } }, ['Networks']],
])('one that %s is replaced, while its unit is stopped', (_, change, keys) => {
  const reason = `is another container: it differs in ${keys.join(', ')}`;
  expect(stepsFor(JSON.stringify(answer(change)))).toEqual([
    `stop web.service: ${KEY} is replaced`,
    `place ${KEY}: ${reason}`,
    `make ${KEY}: ${reason}`,
    `restart web.service: ${KEY} changes`,
  ]);
});

test('limits are changed in place, and a paused one goes on', () => {
  expect(stepsFor(JSON.stringify(answer({ HostConfig: { Memory: 1 } })))).toEqual([
    `make ${KEY}: differs in HostConfig.Memory`,
  ]);
  expect(stepsFor(JSON.stringify(answer({ State: { Paused: true } })))).toEqual([`make ${KEY}: is paused`]);
});

test('of a container nothing is known while docker does not run', () => {
  expect(stepsFor('')).toEqual([`make ${KEY}: docker is not running`]);
});

test('a missing one is created, and its unit restarts', () => {
  const state = hostWith([container], ({ objects }) => objects.delete(KEY));
  expect(planService(state, container).steps.map(({ verb, key }) => `${verb} ${key}`)).toEqual([
    `make ${KEY}`,
    'restart web.service',
  ]);
});

test('a container whose tag has moved is replaced, where somebody asked', () => {
  const said = (now: string) => `${JSON.stringify(answer())}\tsha256:${'1'.repeat(64)} localhost/web:1 ${now}`;
  expect(stepsFor(said(`sha256:${'1'.repeat(64)}`))).toEqual([]);
  const reason = 'is sha256:111111111111, and localhost/web:1 is sha256:222222222222 by now';
  expect(stepsFor(said(`sha256:${'2'.repeat(64)}`))).toEqual(
    expect.arrayContaining([`place ${KEY}: ${reason}`, `make ${KEY}: ${reason}`]),
  );
});

import type { ActualInterface } from '../../../lib/engine';
import { planService } from '../../../lib/engine';
import { parseInterfaces } from '../../../lib/engine/parts/networkd';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, override, steps } from '../fixtures';

const PATH = '/etc/systemd/network/10-lan.network';
const LINK = '/etc/systemd/network/10-lan.link';
const THEIRS = '/etc/systemd/network/05-theirs.network';

const service = (content: string, path = PATH): Manifest => ({
  name: 'lan',
  stack: 'shop',
  path: 'shop/host/lan',
  runtime: 'systemd',
  files: { [path]: { content, mode: '0644', owner: 'root', group: 'root' } },
  units: {},
  objects: {},
});

const named = (more: Partial<ActualInterface> = {}, name = 'eth0'): ActualInterface => ({
  name,
  addresses: ['02:00:5e:00:53:01'],
  ...more,
});

function plan(content: string, interfaces: readonly ActualInterface[], path = PATH) {
  const wanted = service(content, path);
  const state = hostWith([wanted], ({ overrides }) => overrides.push(override(THEIRS)));
  return planService({ ...state, interfaces }, wanted);
}

test.each(['[Match]\nName=eth0\n', '[Match]\nName=eth0 eth9\nMACAddress=02-00-5E-00-53-01\n'])(
  'a file that counts for nothing is drift that stands in its own way: %j',
  (content) => {
    const found = plan(content, [named({ network: THEIRS }), named({ network: PATH }, 'eth1')]);
    expect(steps(found)).toEqual([`write ${PATH}: has no effect on eth0: ${THEIRS} comes before it`]);
    expect(found.obstacles).toEqual([
      {
        at: ['files', PATH],
        action: `write ${PATH}`,
        problem: `it would have no effect on eth0: ${THEIRS} also matches it, and sorts before this file`,
        advice: 'set the `name` prop to a name that sorts before "05-theirs.network"',
      },
    ]);
  },
);

test('the same holds for what udev reads', () => {
  const link = '/usr/lib/systemd/network/05-vendor.link';
  const found = plan('[Match]\nOriginalName=eth0\n', [named({ link, network: THEIRS })], LINK);
  expect(steps(found)).toEqual([`write ${LINK}: has no effect on eth0: ${link} comes before it`]);
});

test.each<[string, string, ActualInterface[]]>([
  ['is the one in effect', '[Match]\nName=eth0\n', [named({ network: PATH })]],
  [
    'is in effect for one of two interfaces',
    '[Match]\nName=eth0 eth1\n',
    [named({ network: THEIRS }), named({ network: PATH }, 'eth1')],
  ],
  [
    'comes before the one that networkd still has',
    '[Match]\nName=eth0\n',
    [named({ network: '/usr/lib/systemd/network/80-x.network' })],
  ],
  ['is for interfaces that are not there', '[Match]\nName=eth7\n', [named({ network: THEIRS })]],
  ['is for a pattern', '[Match]\nName=eth*\n', [named({ network: THEIRS })]],
  ['is for what only networkd can tell', '[Match]\nName=eth0\nSSID=home\n', [named({ network: THEIRS })]],
  [
    'was shadowed by a file that is gone',
    '[Match]\nName=eth0\n',
    [named({ network: '/run/systemd/network/05-gone.network' })],
  ],
  ['is on a host that networkd does not manage', '[Match]\nName=eth0\n', []],
])('a file that %s matches', (_, content, interfaces) => {
  expect(plan(content, interfaces)).toMatchObject({ steps: [], obstacles: [] });
});

test('what networkctl prints is read', () => {
  const json = {
    Interfaces: [
      { Index: 1, Name: 'lo' },
      { Index: 2, Name: 'host0', HardwareAddress: [118, 23, 164, 86, 163, 6], NetworkFile: PATH, LinkFile: LINK },
    ],
  };
  expect(parseInterfaces(JSON.stringify(json))).toEqual([
    { name: 'lo', addresses: [] },
    { name: 'host0', addresses: ['76:17:a4:56:a3:06'], network: PATH, link: LINK },
  ]);
});

test.each(['', '{', 'null', '{"Interfaces":7}', 'Unknown option --json'])('anything else says nothing: %j', (text) => {
  expect(parseInterfaces(text)).toEqual([]);
});

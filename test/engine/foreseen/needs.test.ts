import { execFileSync } from 'node:child_process';
import { type HostState, planService } from '../../../lib/engine';
import { NEEDS_LOOK } from '../../../lib/engine/foreseen/needs';
import { checkManifest, type Manifest } from '../../../lib/manifest';
import { hostWith, web, withFile } from '../fixtures';

const needing = (needs: Record<string, string>): Manifest => ({ ...web, needs });
const withMet = (state: HostState, ...met: string[]): HostState => ({ ...state, met: new Set(met) });

test.each([
  ['program /usr/bin/node', 'command', 'command names the program /usr/bin/node, which the host does not have'],
  ['path /etc/web.env', 'environmentFiles[0]', 'environmentFiles[0] names /etc/web.env, and it does not exist'],
  ['user shop', 'user', 'user is "shop", and the host has no user "shop"'],
  ['group www', 'directives.Service.Group', 'directives.Service.Group is "www", and the host has no group "www"'],
])('%s is missed before a service is made', (need, prop, problem) => {
  const manifest = needing({ [need]: prop });
  expect(planService(withMet(hostWith([])), manifest).obstacles).toEqual([
    { at: ['needs'], action: 'apply web', problem, advice: expect.any(String) },
  ]);
  expect(planService(withMet(hostWith([]), need), manifest).obstacles).toEqual([]);
});

test('what nobody has looked at is not missed', () => {
  expect(planService(hostWith([]), needing({ 'user shop': 'user' })).obstacles).toEqual([]);
});

test('what is missing is no obstacle for a service that is left alone, and is one for its next restart', () => {
  const needs = { 'program /usr/bin/node': 'command' };
  const applied = withMet(hostWith([needing(needs)]));
  expect(planService(applied, needing(needs))).toMatchObject({ steps: [], obstacles: [] });
  expect(planService(applied, { ...withFile('[Service]\nUMask=0077\n'), needs }).obstacles).toHaveLength(1);
});

test('the look tells what a host has, and changes nothing', () => {
  const there = ['path /', 'path /etc/passwd', 'program sh', 'program /bin/sh', 'user root', 'group root'];
  const missing = [
    'path /no such',
    'program no-such',
    'program /etc',
    'program /etc/passwd',
    'user no-such',
    'group -h',
  ];
  const input = [...there, ...missing].map((need) => `${need}\n`).join('');
  expect(execFileSync('sh', ['-c', NEEDS_LOOK], { input }).toString().trim().split('\n')).toEqual(there);
});

test.each([['path etc'], ['program '], ['pod web'], ['path /a\nfiles /etc/shadow']])('%j is not a need', (need) => {
  expect(checkManifest(needing({ [need]: 'command' }))).toEqual([expect.objectContaining({ at: ['needs', need] })]);
});

import { leftOver } from '../../lib/cli/host-plan';
import { hostState, manifest, recorded, target } from './fixtures';

test('a service of the stack that the bundle no longer has is left over', () => {
  const web = manifest('web');
  const state = hostState({ records: recorded(web, manifest('old')) });
  expect(leftOver(target({ manifests: [web], wanted: [web] }), state)).toEqual(['old']);
});

test('services of other stacks are not', () => {
  const state = hostState({ records: recorded(manifest('theirs', { stack: 'blog' })) });
  expect(leftOver(target(), state)).toEqual([]);
});

test('services of another project with a stack of that name are not', () => {
  const theirs = manifest('theirs', { project: 'b' });
  const unnamed = manifest('unnamed');
  const state = hostState({ records: recorded(theirs, unnamed) });
  expect(leftOver(target({ project: 'a' }), state)).toEqual(['unnamed']);
  expect(leftOver(target(), state)).toEqual(['unnamed']);
  expect(leftOver(target({ project: 'b' }), state)).toEqual(['theirs', 'unnamed']);
});

test('a service that another Host of the stack wants on the same machine is not', () => {
  const theirs = manifest('web', { path: 'shop/other/web' });
  const state = hostState({ records: recorded(theirs) });
  expect(leftOver(target({ wanted: [theirs] }), state)).toEqual([]);
});

test('a service that moved to another Host is left over on the old one', () => {
  const moved = manifest('web', { path: 'shop/other/web' });
  const state = hostState({ records: recorded(manifest('web')) });
  expect(leftOver(target({ wanted: [moved] }), state)).toEqual(['web']);
});

test('a service that got another name is left over under the old one', () => {
  const renamed = manifest('shop', { path: 'shop/host/web' });
  const state = hostState({ records: recorded(manifest('web')) });
  expect(leftOver(target({ manifests: [renamed], wanted: [renamed] }), state)).toEqual(['web']);
});

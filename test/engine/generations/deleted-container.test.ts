import type { ServiceRecord } from '../../../lib/engine';
import { deletedContainer } from '../../../lib/engine/generations/deleted-container';
import { completed } from '../../../lib/engine/ownership';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, UNIT, web } from '../fixtures';

const running = (container?: string): Manifest => ({
  ...web,
  units: { 'web.service': { state: 'active', restartOn: [UNIT], ...(container && { triggers: { container } }) } },
});

test.each<[string, Manifest, Manifest, number]>([
  ['another container of the Terraform provider', running('one'), running('two'), 1],
  ['a container of the Terraform provider, and Bulkhead makes it now', running('one'), running(), 1],
  ['the same container', running('one'), running('one'), 0],
  ['a container that Bulkhead made', running(), running('two'), 0],
])('a version that ran %s', (_, manifest, now, refusals) => {
  const records = new Map([['web', completed({}, now, hostWith([])) as ServiceRecord]]);
  expect(deletedContainer({ service: 'web', number: 1, manifest, assets: new Map() }, records)).toHaveLength(refusals);
});

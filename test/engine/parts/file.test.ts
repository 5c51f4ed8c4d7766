import { createHash } from 'node:crypto';
import { planService } from '../../../lib/engine';
import { hostWith, web } from '../fixtures';

test('a text that was an asset until now is known by its digest', () => {
  const files = { '/etc/a': { content: 'a', mode: '0644', owner: 'root', group: 'root' } };
  const config = { ...web, files, units: {} };
  const withDigest = (sha256: string) =>
    hostWith([config], ({ files }) => {
      files.set('/etc/a', { type: 'file', mode: '0644', owner: 'root', group: 'root', sha256 });
    });
  const digest = createHash('sha256').update('a').digest('hex');
  expect(planService(withDigest(digest), config).steps).toEqual([]);
  expect(planService(withDigest('0'), config).steps).toMatchObject([{ verb: 'write', key: '/etc/a' }]);
});

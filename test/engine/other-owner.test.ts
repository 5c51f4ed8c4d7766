import { planService } from '../../lib/engine';
import { recordAsApplied } from '../../lib/engine/ownership';
import type { Manifest } from '../../lib/manifest';
import { hostWith, web } from './fixtures';

const [path = ''] = Object.keys(web.files);

/** Another service that owns what `web` wants. */
const other: Manifest = { ...web, name: 'site', stack: 'blog', path: 'blog/host/site', project: 'blog-project' };

const obstaclesOf = (desired: Manifest, owner: Manifest) => {
  const records = new Map([[owner.name, recordAsApplied(owner)]]);
  return planService({ ...hostWith([]), records }, desired).obstacles.map(({ at, problem }) => [at, problem]);
};

test.each([false, true])('what another service owns is said with both names, with adopt: %s', (adopt) => {
  const said =
    'it belongs to the service "site" of stack "blog" of project "blog-project" (blog/host/site), not to "web" of "shop"';
  expect(obstaclesOf({ ...web, adopt }, other)).toEqual([
    [['files', path], said],
    [['units', 'web.service'], said],
  ]);
});

test('units of another user are other units', () => {
  const obstacles = obstaclesOf({ ...web, files: {} }, { ...other, files: {}, user: 'shop' });
  expect(obstacles).toEqual([]);
});

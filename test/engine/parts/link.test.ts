import { planService } from '../../../lib/engine';
import { linksOf, parseLinks } from '../../../lib/engine/parts/link';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, UNIT, web, withFile } from '../fixtures';

test('a unit that others are to start is enabled anew, and not restarted', () => {
  const wanted = withFile('[Service]\n[Install]\nWantedBy=shop.target\n');
  expect(steps(planService(hostWith([web]), wanted))).toEqual([
    `write ${UNIT}: differs in Install.WantedBy`,
    'enable web.service: is not wanted by shop.target',
  ]);
});

describe('links that start a unit', () => {
  const install =
    '[Install]\nWantedBy=a.target b.target\nRequiredBy=c%%d.service\nAlias=www.service\nAlso=web.socket\n';
  const both: Manifest = {
    ...web,
    files: {
      [UNIT]: { content: install, mode: '0644', owner: 'root', group: 'root' },
      '/etc/systemd/system/web.socket': {
        content: '[Install]\nUpheldBy=a.target\n',
        mode: '0644',
        owner: 'root',
        group: 'root',
      },
    },
    units: { 'web.service': { enabled: true, restartOn: [] }, 'web.socket': { restartOn: [] } },
  };
  const wanted = {
    'web.service': ['a.target.wants', 'b.target.wants', 'c%d.service.requires'].map((by) => `${by}/web.service`),
    'web.socket': ['a.target.upholds/web.socket'],
  };

  test('are those of [Install], of a unit that is not enabled itself by Also= of another', () => {
    const links = { ...wanted, 'web.service': [...wanted['web.service'], 'www.service'] };
    expect(Object.fromEntries(linksOf(both))).toEqual(links);
    expect(planService(hostWith([both]), both).steps).toEqual([]);
  });

  test.each<[string, string, string[], string]>([
    [
      'are gone',
      'web.service',
      ['a.target.wants/web.service', 'c%d.service.requires/web.service'],
      'enable web.service: is not wanted by b.target; is not called www.service',
    ],
    [
      'are more',
      'web.service',
      [...wanted['web.service'], 'www.service', 'old.target.requires/web.service', 'w.service'],
      'enable web.service: is required by old.target, too; is called w.service, too',
    ],
    [
      'are more of one that is not to be enabled',
      'web.socket',
      [...wanted['web.socket'], 'x.target.wants/web.socket'],
      'remove /etc/systemd/system/x.target.wants/web.socket: web.socket is wanted by x.target',
    ],
  ])('are repaired without a restart when some %s', (_, unit, actual, expected) => {
    expect(
      steps(
        planService(
          hostWith([both], ({ links }) => links.set(unit, actual)),
          both,
        ),
      ),
    ).toEqual([expected]);
  });

  test('of packages, generators, other units and instances are not looked at', () => {
    const listing = [
      { path: '/run/systemd/generator/x.target.wants/web.service', target: '/run/systemd/generator/web.service' },
      { path: '/etc/systemd/system/x.target.wants/other.service', target: '/etc/systemd/system/other.service' },
      { path: '/etc/systemd/system/x.target.wants/web@1.service', target: '/etc/systemd/system/web@.service' },
      { path: '/etc/systemd/system/web.service.wants/other.service', target: '/usr/lib/systemd/system/other.service' },
      { path: '/etc/systemd/system/x.target.wants/web.service', target: '../web.service' },
      { path: '/etc/systemd/system/www.service', target: 'web.service' },
    ];
    expect(parseLinks(listing).get('web.service')).toEqual(['x.target.wants/web.service', 'www.service']);
    const template = { ...web, files: {}, units: { 'web@.service': { restartOn: [] } } };
    const host = hostWith([template], ({ links }) => links.set('web@.service', ['x.target.wants/web@.service']));
    expect(planService(host, template).steps).toEqual([]);
  });
});

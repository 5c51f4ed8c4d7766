import { createHash } from 'node:crypto';
import { planRemoval, planService, type ServicePlan } from '../../lib/engine';
import { claims } from '../../lib/engine/claim';
import { linksOf, parseLinks } from '../../lib/engine/parts/link';
import { parseOverrides } from '../../lib/engine/parts/override';
import { parseRecord } from '../../lib/engine/record';
import type { ActualUser } from '../../lib/engine/state';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, running, web } from './fixtures';

const UNIT = '/etc/systemd/system/web.service';
const steps = (plan: ServicePlan) => plan.steps.map(({ verb, key, reason }) => `${verb} ${key}: ${reason}`);
const override = (path: string, target = '') => {
  const [parsed] = parseOverrides(`${path}\t${target}`);
  if (!parsed) throw new Error(`${path} overrides nothing`);
  return parsed;
};
const withFile = (content: string): Manifest => ({
  ...web,
  files: { [UNIT]: { content, mode: '0644', owner: 'root', group: 'root' } },
});

test('a host that matches has nothing to do', () => {
  expect(planService(hostWith([web]), web)).toMatchObject({ action: 'none', steps: [], obstacles: [] });
});

test('a service that is not there is created', () => {
  const plan = planService(hostWith([]), web);
  expect(plan.action).toBe('create');
  expect(steps(plan)).toEqual([`write ${UNIT}: is missing`, 'enable web.service: is new', 'start web.service: is new']);
});

describe('drift', () => {
  const cases: [string, Parameters<typeof hostWith>[1], string[]][] = [
    [
      'a file edited',
      ({ files }) => edit(files, UNIT, { content: Buffer.from('[Service]\nUser=x\n') }),
      [`write ${UNIT}: differs in Service.User`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'a comment added to a file',
      ({ files }) => edit(files, UNIT, { content: Buffer.from('# x\n[Service]\n\n') }),
      [`write ${UNIT}: content differs`],
    ],
    [
      'a file chmod-ed',
      ({ files }) => edit(files, UNIT, { mode: '0600' }),
      [`write ${UNIT}: mode is 0600, expected 0644`],
    ],
    [
      'a file chown-ed',
      ({ files }) => edit(files, UNIT, { owner: 'nobody' }),
      [`write ${UNIT}: owner is nobody:root, expected root:root`],
    ],
    [
      'a file deleted',
      ({ files }) => void files.delete(UNIT),
      [`write ${UNIT}: is missing`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'a file replaced by a symlink',
      ({ files }) => edit(files, UNIT, { type: 'symlink' }),
      [`write ${UNIT}: is a symlink`, `restart web.service: ${UNIT} changes`],
    ],
    [
      'the unit stopped',
      ({ units }) => edit(units, 'web.service', { activeState: 'inactive' }),
      ['start web.service: is inactive'],
    ],
    [
      'the unit failed',
      ({ units }) => edit(units, 'web.service', { activeState: 'failed', result: 'oom-kill' }),
      ['start web.service: has failed (oom-kill)'],
    ],
    [
      'the unit disabled',
      ({ units }) => edit(units, 'web.service', { unitFileState: 'disabled' }),
      ['enable web.service: is disabled'],
    ],
    [
      'the unit masked',
      ({ units, overrides }) => {
        edit(units, 'web.service', { loadState: 'masked', unitFileState: 'masked', activeState: 'inactive' });
        overrides.push(override('/etc/systemd/system.control/web.service', '/dev/null'));
      },
      [
        'remove /etc/systemd/system.control/web.service: masks web.service',
        'enable web.service: is masked',
        'start web.service: is inactive',
      ],
    ],
    [
      'a drop-in added',
      ({ overrides }) => overrides.push(override('/run/systemd/system/web.service.d/x.conf')),
      [
        'remove /run/systemd/system/web.service.d/x.conf: changes web.service',
        'restart web.service: /run/systemd/system/web.service.d/x.conf is removed',
      ],
    ],
    [
      'a file of higher precedence',
      ({ overrides }) => overrides.push(override('/run/systemd/transient/web.service')),
      [
        'remove /run/systemd/transient/web.service: takes precedence over web.service',
        'restart web.service: /run/systemd/transient/web.service is removed',
      ],
    ],
    [
      'an apply cut off before the restart',
      ({ records }) => edit(records, 'web', { applied: { 'web.service': 'old' } }),
      ['restart web.service: does not run with what is written yet'],
    ],
  ];
  test.each(cases)('%s is repaired', (_, change, expected) => {
    const plan = planService(hostWith([web], change), web);
    expect(steps(plan)).toEqual(expected);
    expect(plan).toMatchObject({ action: 'repair', obstacles: [] });
  });
});

test.each([
  '/run/systemd/system/web.service',
  '/etc/systemd/system/multi-user.target.wants/web.service',
  '/etc/systemd/system/other.service.d/x.conf',
  '/etc/systemd/system/service.d/all.conf',
])('%s changes nothing of the service', (path) => {
  const state = hostWith([web], ({ overrides }) => overrides.push(...parseOverrides(`${path}\t\n`)));
  expect(planService(state, web).steps).toEqual([]);
});

test.each([
  ['/etc/containers/systemd/lan.network', '/etc/containers/systemd/lan.network.d/x.conf', '/etc/systemd/network'],
  ['/etc/systemd/network/lan.network', '/run/systemd/network/lan.network.d/x.conf', '/etc/containers/systemd'],
])("%s is changed by its own drop-in, and not by one of the other's", (path, dropIn, other) => {
  const file = { content: '', mode: '0644', owner: 'root', group: 'root' };
  const lan: Manifest = { ...web, files: { [path]: file }, units: {} };
  const state = hostWith([lan], ({ overrides }) =>
    overrides.push(override(dropIn), override(`${other}/lan.network.d/x.conf`), override(`${other}/lan.network`)),
  );
  expect(steps(planService(state, lan))).toEqual([`remove ${dropIn}: changes lan.network`]);
});

test('a service of the host that does not run stands in the way', () => {
  const lan: Manifest = { ...web, requires: { 'systemd-networkd': 'for it' } };
  expect(planService(hostWith([]), lan).obstacles).toEqual([
    expect.objectContaining({
      problem: 'systemd-networkd is not running there',
      advice: 'systemctl enable --now systemd-networkd',
    }),
  ]);
});

test('a changed file is written and its unit restarted', () => {
  const plan = planService(hostWith([web]), withFile('[Service]\nNice=1\n'));
  expect(plan.action).toBe('update');
  expect(steps(plan)).toEqual([`write ${UNIT}: differs in Service.Nice`, `restart web.service: ${UNIT} changes`]);
});

test('what a daemon-reload makes effective does not restart a unit', () => {
  const reloaded = withFile('[Unit]\nDescription=x\nAfter=y.service\n[Service]\nRestart=always\n');
  expect(steps(planService(hostWith([web]), reloaded))).toEqual([
    `write ${UNIT}: differs in Unit.Description, Unit.After, Service.Restart`,
  ]);
  const state = hostWith([web], ({ files }) =>
    edit(files, UNIT, { content: Buffer.from(String(reloaded.files[UNIT]?.content)) }),
  );
  expect(steps(planService(state, reloaded))).toEqual(['record web: was recorded otherwise']);
});

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
      '/run/systemd/generator/x.target.wants/web.service\t/run/systemd/generator/web.service',
      '/etc/systemd/system/x.target.wants/other.service\t/etc/systemd/system/other.service',
      '/etc/systemd/system/x.target.wants/web@1.service\t/etc/systemd/system/web@.service',
      '/etc/systemd/system/web.service.wants/other.service\t/usr/lib/systemd/system/other.service',
      '/etc/systemd/system/x.target.wants/web.service\t../web.service',
      '/etc/systemd/system/www.service\tweb.service',
    ];
    expect(parseLinks(listing.join('\n')).get('web.service')).toEqual(['x.target.wants/web.service', 'www.service']);
    const template = { ...web, files: {}, units: { 'web@.service': { restartOn: [] } } };
    const host = hostWith([template], ({ links }) => links.set('web@.service', ['x.target.wants/web@.service']));
    expect(planService(host, template).steps).toEqual([]);
  });
});

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

test('a changed trigger restarts the unit although no file of it changes', () => {
  const triggered: Manifest = {
    ...web,
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT], triggers: { '/etc/x': 'new' } } },
  };
  expect(steps(planService(hostWith([web]), triggered))).toEqual(['restart web.service: /etc/x changes']);
});

test('a moved construct changes the record and nothing else', () => {
  const plan = planService(hostWith([web]), { ...web, path: 'shop/host/front/web' });
  expect(steps(plan)).toEqual(['record web: was recorded otherwise']);
});

test('what a service no longer wants is removed', () => {
  const more: Manifest = {
    ...web,
    files: { ...web.files, '/etc/extra': { content: '', mode: '0644', owner: 'root', group: 'root' } },
    units: { ...web.units, 'extra.service': { state: 'active', enabled: true, restartOn: [] } },
  };
  expect(steps(planService(hostWith([more]), web))).toEqual([
    'stop extra.service: is no longer wanted',
    'disable extra.service: is no longer wanted',
    'remove /etc/extra: is no longer wanted',
  ]);
});

test('a machine is stopped before its root is replaced', () => {
  const image = { store: 'machines', format: 'tar', asset: 'a'.repeat(64) } as const;
  const machine: Manifest = {
    ...web,
    images: { '/var/lib/machines/web': image },
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, '/var/lib/machines/web'] } },
  };
  const changed = { ...machine, images: { '/var/lib/machines/web': { ...image, asset: 'b'.repeat(64) } } };
  expect(planService(hostWith([machine]), changed).steps.map(({ verb, key }) => `${verb} ${key}`)).toEqual([
    'load /var/lib/machines/web',
    'stop web.service',
    'restart web.service',
  ]);
});

test('a root that is retained outlives its machine, and is found again by a later one', () => {
  const root = '/var/lib/machines/web';
  const image = { store: 'machines', format: 'tar', asset: 'a'.repeat(64), retain: true } as const;
  const machine: Manifest = { ...web, images: { [root]: image } };
  const removal = steps(planRemoval(hostWith([machine]), 'web'));
  expect(removal.filter((step) => step.includes(root))).toEqual([]);
  const left = hostWith([], ({ images }) => images.set(root, { id: '-' }));
  const later = planService(left, { ...machine, images: { [root]: { ...image, asset: 'b'.repeat(64) } } });
  expect(later.obstacles).toEqual([]);
  expect(steps(later).filter((step) => step.includes(root))).toEqual([]);
  expect(steps(planService(hostWith([]), machine))).toContain(`load ${root}: is missing`);
});

test.each<[string, boolean | undefined, boolean]>([
  ['is refused when nothing was said of it', undefined, true],
  ['is done when that was said', false, false],
])('to run a machine from another root than the one made for it %s', (_, retain, refused) => {
  const root = '/var/lib/machines/web';
  const image = { store: 'machines', format: 'tar', asset: 'a'.repeat(64) } as const;
  const machine: Manifest = { ...web, images: { [root]: { ...image, ...(retain === undefined ? {} : { retain }) } } };
  const { steps, obstacles } = planService(hostWith([machine]), web);
  expect(steps).toMatchObject([{ verb: 'remove', key: root }]);
  expect(obstacles.map(({ problem }) => problem)).toEqual(
    refused ? [`${root} would be removed with all that was written into it`] : [],
  );
});

describe('objects that units make', () => {
  const network: Manifest = {
    ...web,
    objects: { 'network:web': { unit: 'web.service' }, 'volume:data': { unit: 'web.service', retain: true } },
  };

  test('a network that is gone is made anew by its unit', () => {
    const state = hostWith([network], ({ objects }) => objects.delete('network:web'));
    expect(steps(planService(state, network))).toEqual(['restart web.service: network:web is gone']);
  });

  test('a network of the same name that is not ours is an obstacle', () => {
    const state = hostWith([], ({ objects }) => objects.add('network:web'));
    expect(planService(state, network).obstacles[0]?.problem).toContain(
      'a network of that name that Bulkhead did not make',
    );
  });

  test('an image that is not ours is an obstacle by its whole name', () => {
    const image: Manifest = { ...web, objects: { 'image:localhost:5000/a:1': { unit: 'web.service' } } };
    const state = hostWith([], ({ objects }) => objects.add('image:localhost:5000/a:1'));
    expect(planService(state, image).obstacles).toMatchObject([
      { action: 'make image localhost:5000/a:1', problem: expect.stringContaining('podman has an image of that name') },
    ]);
  });

  test('an interface that is not ours is an obstacle', () => {
    const bridge: Manifest = { ...web, objects: { 'link:br0': { unit: 'web.service' } } };
    const state = hostWith([], ({ objects }) => objects.add('link:br0'));
    expect(planService(state, bridge).obstacles).toMatchObject([
      { action: 'make link br0', problem: expect.stringContaining('the host has an interface of that name') },
    ]);
  });

  test('a volume that is retained is found again by a later service', () => {
    const state = hostWith([], ({ objects }) => objects.add('volume:data'));
    expect(planService(state, network)).toMatchObject({ action: 'create', obstacles: [] });
  });

  test('a volume that is retained outlives its service', () => {
    expect(steps(planRemoval(hostWith([network]), 'web'))).toContain('remove network:web: is no longer wanted');
    expect(steps(planRemoval(hostWith([network]), 'web')).join()).not.toContain('volume:data');
  });
});

describe('what stands in the way', () => {
  const foreignFile = hostWith([], ({ files }) =>
    files.set(UNIT, { type: 'file', content: Buffer.from('theirs'), mode: '0644', owner: 'root', group: 'root' }),
  );
  test('a foreign file is an obstacle that says how to adopt it', () => {
    const [obstacle] = planService(foreignFile, web).obstacles;
    expect(obstacle).toMatchObject({ at: ['files', UNIT], problem: expect.stringContaining('did not make') });
    expect(obstacle?.advice).toContain('adopt: true');
  });

  test('adopt takes a foreign file over', () => {
    expect(planService(foreignFile, { ...web, adopt: true }).obstacles).toEqual([]);
  });

  test('a unit that the distribution ships is not shadowed', () => {
    const state = hostWith([], ({ units }) =>
      units.set('web.service', { ...running, fragmentPath: '/usr/lib/systemd/system/web.service' }),
    );
    expect(planService(state, web).obstacles[0]?.problem).toContain('/usr/lib/systemd/system/web.service');
  });

  test('a service of another stack keeps its name', () => {
    const plan = planService(hostWith([{ ...web, stack: 'blog', path: 'blog/host/web' }]), web);
    expect(plan.obstacles[0]?.problem).toBe('a service of that name belongs to stack "blog" (blog/host/web)');
  });

  test.each([
    ['b', 'a service of that name belongs to stack "shop" of project "a" (shop/host/web)'],
    [undefined, 'a service of that name belongs to stack "shop" of project "a" (shop/host/web)'],
    ['a', undefined],
  ])('a service of a project is none of one with ID %p', (project, problem) => {
    const plan = planService(hostWith([{ ...web, project: 'a' }]), { ...web, ...(project && { project }) });
    expect(plan.obstacles[0]?.problem).toBe(problem);
  });

  test('a service that names no project is one of whichever has the stack', () => {
    const plan = planService(hostWith([web]), { ...web, project: 'a' });
    expect(plan).toMatchObject({ obstacles: [], steps: [{ verb: 'record' }] });
  });

  test.each([
    [{ podman: '' }, undefined],
    [{ podman: '5.3 for Pod=' }, undefined],
    [{ podman: '5.10 for Pod=' }, 'podman is 5.4.2, expected 5.10 or newer for Pod='],
    [{ systemd: '258 for RestartX=' }, 'systemd is 257, expected 258 or newer for RestartX='],
    [{ 'systemd-nspawn': '' }, 'systemd-nspawn is not installed there'],
  ])('what a host must have is looked at before anything is written: %j', (requires, problem) => {
    const obstacles = planService(hostWith([]), { ...web, requires }).obstacles.map((obstacle) => obstacle.problem);
    expect(obstacles).toEqual(problem === undefined ? [] : [problem]);
  });

  test('a damaged record is an obstacle of its service alone, which says the way out', () => {
    const other = { ...web, name: 'other', files: {}, units: {} };
    const state = hostWith([web, other], ({ records, damaged }) => {
      records.delete('web');
      damaged.add('web');
    });
    const obstacle = {
      action: 'read the record of web',
      problem: '/var/lib/bulkhead/services/web is damaged, expected what Bulkhead wrote',
      advice: expect.stringContaining('adopt: true'),
    };
    expect(planService(state, web)).toMatchObject({ steps: [], obstacles: [obstacle] });
    expect(planRemoval(state, 'web')).toMatchObject({ steps: [], obstacles: [obstacle] });
    expect(planService(state, other)).toMatchObject({ steps: [], obstacles: [] });
  });

  test('what is missing is named with its package', () => {
    const plan = planService(hostWith([]), { ...web, requires: { 'systemd-nspawn': '' } });
    expect(plan.obstacles[0]?.advice).toBe('apt-get install systemd-container');
  });

  test('a directory in the place of a file is never removed', () => {
    const state = hostWith([web], ({ files }) => edit(files, UNIT, { type: 'directory' }));
    expect(planService(state, web).obstacles[0]?.problem).toBe('a directory is in its place');
  });
});

test('what is adopted goes on running where nothing differs', () => {
  const state = hostWith([web], ({ records }) => records.clear());
  const plan = planService(state, { ...web, adopt: true });
  expect(steps(plan)).toEqual(['record web: is not recorded']);
  expect(plan.obstacles).toEqual([]);
});

test('what was adopted is no other service than one that was made', () => {
  const adopted: Manifest = { ...web, adopt: true };
  expect(planService(hostWith([adopted]), web).action).toBe('none');
  expect(planService(hostWith([web]), adopted).action).toBe('none');
});

describe('removal', () => {
  test('all that the service owns goes, and its record', () => {
    expect(steps(planRemoval(hostWith([web]), 'web'))).toEqual([
      'stop web.service: is no longer wanted',
      'disable web.service: is no longer wanted',
      `remove ${UNIT}: is no longer wanted`,
      'record web: is forgotten',
    ]);
  });

  test('a service that Bulkhead does not know is left alone', () => {
    expect(planRemoval(hostWith([]), 'web')).toMatchObject({ action: 'none', steps: [] });
  });
});

describe('users', () => {
  const user: Manifest = {
    ...web,
    name: 'shop',
    runtime: 'user',
    files: {},
    units: {},
    users: { shop: { home: '/home/shop' } },
  };
  const rootless: Manifest = { ...web, user: 'shop' };
  const actual = (more: Partial<ActualUser> = {}): ActualUser => ({
    home: '/home/shop',
    group: 'shop',
    subordinateIds: true,
    linger: true,
    running: true,
    scope: { units: new Map(), loadPath: [], overrides: [], links: new Map(), images: new Map(), objects: new Set() },
    ...more,
  });
  const host = (more: Partial<ActualUser> | undefined, manifests = [user]) =>
    hostWith(manifests, ({ users }) => void (more && users.set('shop', actual(more))));

  test.each<[string, Partial<ActualUser> | undefined, string[]]>([
    ['that is as wanted', {}, []],
    ['that is gone', undefined, ['prepare shop: is missing']],
    ['without a range', { subordinateIds: false }, ['prepare shop: has no subordinate IDs']],
    [
      'that does not linger',
      { linger: false },
      ['prepare shop: does not linger: its services would not start at boot'],
    ],
    ['whose systemd was stopped', { running: false }, ['prepare shop: has no systemd running']],
  ])('one %s', (_, more, expected) => {
    expect(steps(planService(host(more), user))).toEqual(expected);
  });

  test.each<[string, Partial<ActualUser>, boolean, string]>([
    ['one that Bulkhead did not make', {}, false, 'a user of that name is there that Bulkhead did not make'],
    ['one with another home', { home: '/srv/x' }, true, 'its home is /srv/x, expected /home/shop'],
    ['one with another group', { group: 'users' }, true, 'its group is users, expected one of its own, shop'],
  ])('%s is refused', (_, more, adopt, problem) => {
    const plan = planService(host({ ...more, linger: false }, []), { ...user, adopt });
    expect(plan.obstacles).toMatchObject([{ at: ['users', 'shop'], problem }]);
  });

  test('one that was adopted is not removed with its service', () => {
    const before = host({}, []);
    const [claim] = claims([planService(before, { ...user, adopt: true })], before);
    expect(parseRecord(String(claim?.content))?.owns.users).toEqual([]);
    expect(steps(planRemoval(host({}), 'shop'))).toContain('remove shop: is no longer wanted');
  });

  test('a service sees the units of its user alone', () => {
    const state = host({}, [rootless]);
    expect(steps(planService(state, rootless))).toEqual([
      'enable web.service: is new',
      'start web.service: is inactive',
    ]);
    const units = new Map([['web.service', running]]);
    const own = host({ scope: { ...actual().scope, units } }, [rootless]);
    expect(steps(planService({ ...own, units: new Map() }, rootless))).toEqual([]);
  });

  test('images of a user whose systemd is stopped count as they are recorded', () => {
    const asset = 'a'.repeat(64);
    const image = { store: 'podman', format: 'oci-archive', asset, id: asset } as const;
    const with1: Manifest = { ...rootless, images: { 'localhost/web:1': image } };
    const plan = planService(host({ running: false }, [with1]), with1);
    expect(plan.steps.map(({ verb }) => verb)).toEqual(['enable', 'start']);
  });

  test('a service does not go from one user to another', () => {
    const { obstacles, steps } = planService(host({}, [web]), rootless);
    expect(steps).toEqual([]);
    expect(obstacles).toMatchObject([
      { at: ['user'], problem: "it runs as root, whose images and volumes shop can't use" },
    ]);
  });
});

import { Host, PodmanService, raw, Secret, SystemdService, User, VirtualMachine, type Workload } from 'bulkhead';
import { host } from '../testing';
import { image, type Make, SERVICES } from './secret-services';

const command = ['/bin/web'];
const systemd = SERVICES.SystemdService;
const LOADED = '\nEnvironment=DB_FILE=%d/db\nEnvironment=OTHER_FILE=%d/db\n';
const MOUNTED = '\nEnvironment=DB_FILE=/run/secrets/db\nEnvironment=OTHER_FILE=/run/secrets/db\n';
const SPEC = /"env":\s*\[[^\]]*"DB_FILE=\/run\/secrets\/db",\s*"OTHER_FILE=\/run\/secrets\/db"/;
const INSTANCE = /"environment\.DB_FILE": "\/run\/secrets\/db",\s*"environment\.OTHER_FILE": "\/run\/secrets\/db"/;

/** What the files or objects of each class say about two variables of a secret "db". */
const VARIABLES: Readonly<Record<keyof typeof SERVICES, string | RegExp>> = {
  SystemdService: LOADED,
  'SystemdService in an image': LOADED,
  PortableService: LOADED,
  SystemdTimer: LOADED,
  SystemdPath: LOADED,
  SystemdSocket: LOADED,
  PodmanService: MOUNTED,
  DockerService: '"DB_FILE=/run/secrets/db","OTHER_FILE=/run/secrets/db"',
  ContainerdService: SPEC,
  OciService: SPEC,
  NspawnMachine: MOUNTED,
  LxcContainer: 'lxc.environment = DB_FILE=/run/secrets/db\nlxc.environment = OTHER_FILE=/run/secrets/db',
  LxdInstance: INSTANCE,
  IncusInstance: INSTANCE,
};
const CLASSES = Object.entries(VARIABLES).map(([name, expected]): [string, readonly [Make, string | RegExp]] => [
  name,
  [SERVICES[name as keyof typeof SERVICES], expected],
]);

/** All texts that the host gets for a service. */
const texts = ({ manifest }: Workload) =>
  [
    ...Object.values(manifest.files).map(({ content }) => content),
    ...Object.values(manifest.objects).map(({ spec }) => Object.values(spec ?? {}).join('\n')),
  ].join('\n');

describe.each(CLASSES)('%s', (_, [make, expected]) => {
  test('gets the path of a secret as a variable, from its props and from outside', () => {
    const scope = host();
    const db = new Secret(scope, 'db', { generate: {} });
    const service = make(scope, { secrets: [db], environment: { DB_FILE: db } });
    service.addEnvironment({ OTHER_FILE: db }).addEnvironment({ DB_FILE: db });
    if (expected instanceof RegExp) expect(texts(service)).toMatch(expected);
    else expect(texts(service)).toContain(expected);
  });

  test('does not get the path of a secret that it does not have', () => {
    const scope = host();
    const db = new Secret(scope, 'db', { generate: {} });
    const other = new Secret(scope, 'other', { generate: {} });
    const message =
      'Cannot set variable DB_FILE to "shop/host/db": the service does not have this secret, expected the Secret also in `secrets` (at shop/host/web.environment.DB_FILE)';
    expect(() => make(scope, { secrets: [other], environment: { DB_FILE: db } })).toThrow(message);
    const without = make(host(), {});
    expect(() => without.addEnvironment({ DB_FILE: db })).toThrow(message);
  });
});

const FILE = '/var/lib/bulkhead-secrets/values/web/db@DB_PASSWORD';
const OF_SYSTEMD = CLASSES.filter(([, [, expected]]) => expected === LOADED);
const OTHERS = CLASSES.filter(([name, [, expected]]) => expected !== LOADED && name !== 'PodmanService');

describe.each(OF_SYSTEMD)('%s', (_, [make]) => {
  test('reads the value of a secret as a variable from a file of root', () => {
    const scope = host();
    const db = new Secret(scope, 'db', { generate: {} });
    const { manifest } = make(scope, { environment: { DB_PASSWORD: db.asValue(), LOG: 'debug' } });
    const files = Object.values(manifest.files).map(({ content }) => content);
    expect(files.join('\n')).toContain(`\nEnvironmentFile=${FILE}\n`);
    expect(files.join('\n')).toContain('\nEnvironment=LOG=debug\n');
    expect(manifest.objects).toMatchObject({
      'secret:web/db@DB_PASSWORD': { spec: { source: 'generated', from: 'db.shop', owner: '0:0', mode: '0400' } },
      'generated-secret:db.shop': {},
    });
    expect(Object.keys(manifest.objects)).not.toContain('secret:web/db');
  });
});

test('a service restarts with the value of a variable, and its own environment files come last', () => {
  const scope = host();
  const db = new Secret(scope, 'db', { environmentVariable: 'DB' });
  const environment = { DB_PASSWORD: db.asValue(), DB_FILE: db };
  const service = new SystemdService(scope, 'web', {
    command,
    secrets: [db],
    environment,
    environmentFiles: ['/etc/web'],
  });
  expect(service.manifest.units['web.service']?.restartOn).toEqual(
    expect.arrayContaining(['secret:web/db', 'secret:web/db@DB_PASSWORD']),
  );
  expect(texts(service)).toContain(`\nEnvironmentFile=${FILE}\nEnvironmentFile=/etc/web\n`);
});

describe('PodmanService', () => {
  const podman = SERVICES.PodmanService;

  test('reads the value of a secret as a variable from a file of root, whoever its user is', () => {
    const scope = host();
    const db = new Secret(scope, 'db', { generate: {} });
    const environment = { DB_PASSWORD: db.asValue(), DB_FILE: db, LOG: 'debug' };
    const service = podman(scope, { secrets: [db], environment });
    expect(texts(service)).toContain(`\nEnvironment=LOG=debug\nEnvironmentFile=${FILE}.env\n`);
    expect(service.manifest.objects).toMatchObject({
      'secret:web/db': { spec: { owner: '33:44', mode: '0400' } },
      'secret:web/db@DB_PASSWORD.env': { spec: { source: 'generated', owner: '0:0', mode: '0400' } },
      'generated-secret:db.shop': {},
    });
    expect(service.manifest.units['web.service']?.restartOn).toContain('secret:web/db@DB_PASSWORD.env');
  });

  test('reads its own environment files last', () => {
    const scope = host();
    const environment = { DB_PASSWORD: new Secret(scope, 'db', { generate: {} }).asValue() };
    const service = new PodmanService(scope, 'web', { image, environment, environmentFiles: ['/etc/web'] });
    expect(texts(service)).toContain(`\nEnvironmentFile=${FILE}.env\nEnvironmentFile=/etc/web\n`);
  });

  test('without root is refused', () => {
    const scope = host();
    const environment = { DB_PASSWORD: new Secret(scope, 'db', { generate: {} }).asValue() };
    const rootless = new User(scope, 'runner');
    expect(() => new PodmanService(scope, 'web', { image, rootless, environment })).toThrow(
      'Cannot set variable DB_PASSWORD to the value of "shop/host/db": only root can read its file, and the service is rootless, expected text, or the value in the environment prop of a SystemdService, PortableService, SystemdTimer, SystemdPath, SystemdSocket, or PodmanService without rootless (at shop/host/web.environment.DB_PASSWORD)',
    );
  });

  test('refuses names that are too long for the file of the variable', () => {
    const scope = host();
    const db = new Secret(scope, 'db', { generate: {} });
    expect(() => podman(scope, { environment: { [`D${'_'.repeat(248)}`]: db.asValue() } })).toThrow(
      'the names of the variable and of the secret are too long together, expected at most 250 characters',
    );
  });
});

test.each(OTHERS)('%s names the classes that can have the value of a secret as a variable', (_, [make]) => {
  const scope = host();
  const db = new Secret(scope, 'db', { generate: {} });
  expect(() => make(scope, { secrets: [db], environment: { DB_PASSWORD: db.asValue() } })).toThrow(
    'Cannot set variable DB_PASSWORD to the value of "shop/host/db": only systemd and podman set variables from files of root, expected the Secret itself, for the path of its file, or the value in the environment prop of a SystemdService, PortableService, SystemdTimer, SystemdPath, SystemdSocket, or PodmanService without rootless (at shop/host/web.environment.DB_PASSWORD)',
  );
});

test('the value of a secret is refused from outside, of another host and of an encrypted secret', () => {
  const scope = host();
  const db = new Secret(scope, 'db', { generate: {} });
  const sealed = new Secret(scope, 'sealed', { generate: {}, encrypted: true });
  const web = systemd(scope, { secrets: [db] });
  expect(() => web.addEnvironment({ DB_PASSWORD: db.asValue() })).toThrow(
    'in the environment prop of a SystemdService',
  );
  expect(() => systemd(host(), { environment: { DB_PASSWORD: sealed.asValue() } })).toThrow(
    'is encrypted, and systemd decrypts files but not variables',
  );
  expect(() => systemd(host(), { environment: { 'DB PASSWORD': db.asValue() } })).toThrow('is not a variable name');
  expect(() => systemd(host(), { environment: { [`DB${'_'.repeat(251)}`]: db.asValue() } })).toThrow(
    'the names of the variable and of the secret are too long together, expected at most 254 characters',
  );
  const elsewhere = new Host(scope.stack, 'other', { address: 'ssh://root@192.0.2.9' });
  expect(() => systemd(elsewhere, { environment: { DB_PASSWORD: db.asValue() } })).toThrow(
    'Cannot give secret "shop/host/db": is on shop/host, expected a Secret on shop/other (at shop/other/web.environment.DB_PASSWORD)',
  );
});

test('a variable that has another value already stays', () => {
  const scope = host();
  const db = new Secret(scope, 'db', { generate: {} });
  const service = systemd(scope, { secrets: [db], environment: { DB_FILE: db } });
  expect(() => service.addEnvironment({ DB_FILE: '/elsewhere' })).toThrow('Cannot set DB_FILE of Environment');
  expect(service.directive('Service', 'Environment')).toEqual({ DB_FILE: raw('%d/db') });
});

test('a class without secrets names the classes that have them', () => {
  const scope = host();
  const db = new Secret(scope, 'db', { generate: {} });
  const machine = new VirtualMachine(scope, 'web', { disk: '/srv/db.raw' });
  expect(() => machine.addEnvironment({ DB_FILE: db })).toThrow(
    'Cannot set variable DB_FILE to "shop/host/db": services of this class have no secrets, expected text, or one of ContainerdService, DockerService, IncusInstance, LxcContainer, LxdInstance, NspawnMachine, OciService, PodmanService, PortableService, SystemdService (at shop/host/web.environment.DB_FILE)',
  );
});

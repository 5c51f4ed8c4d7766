import {
  DockerService,
  type Host,
  IncusInstance,
  NspawnMachine,
  PodmanService,
  Secret,
  type Service,
  User,
  VirtualMachine,
} from 'bulkhead';
import { host } from '../testing';
import { archive, image, SERVICES } from './secret-services';

type Make = (scope: Host, secrets: readonly Secret[]) => Service;
const of =
  (name: keyof typeof SERVICES): Make =>
  (scope, secrets) =>
    SERVICES[name](scope, { secrets });
const SOURCE = '/var/lib/bulkhead-secrets/values/web/db';
const text = ({ manifest }: Service) => JSON.stringify([manifest.files, manifest.objects]);

const make = (create: Make) => {
  const scope = host();
  return create(scope, [new Secret(scope, 'db', { generate: {} })]);
};
const spec = (service: Service) => service.manifest.objects['secret:web/db']?.spec;

describe.each<[string, Make]>([
  ['a SystemdService', of('SystemdService')],
  ['one in an image', of('SystemdService in an image')],
  ['a PortableService', of('PortableService')],
])('%s', (_, create) => {
  const service = make(create);

  test('loads a secret as a credential, which systemd reads as root', () => {
    expect(text(service)).toContain(`\\nLoadCredential=db:${SOURCE}\\n`);
    expect(spec(service)).toMatchObject({ owner: '0:0', mode: '0400' });
  });

  test('restarts with it', () => {
    expect(service.manifest.units['web.service']?.restartOn).toContain('secret:web/db');
  });
});

describe.each<[string, Make, string]>([
  ['a PodmanService', of('PodmanService'), `${SOURCE}:/run/secrets/db:ro`],
  ['a DockerService', of('DockerService'), `${SOURCE}:/run/secrets/db:ro`],
  ['an OciService', of('OciService'), '/run/secrets/db'],
  ['a ContainerdService', of('ContainerdService'), '/run/secrets/db'],
  ['an NspawnMachine', of('NspawnMachine'), `${SOURCE}:/run/secrets/db:idmap`],
  ['an LxcContainer', of('LxcContainer'), ' run/secrets/db none bind,'],
  ['an LxdInstance', of('LxdInstance'), '/run/secrets/db'],
  ['an IncusInstance', of('IncusInstance'), '/run/secrets/db'],
])('%s', (_, create, words) => {
  const service = make(create);

  test('sees a secret as a file of the user that its image names', () => {
    expect(text(service)).toContain(words);
    expect(text(service)).toContain(SOURCE);
    expect(spec(service)).toMatchObject({ owner: '33:44', mode: '0400' });
  });

  test('restarts with it', () => {
    expect(service.manifest.units['web.service']?.restartOn).toContain('secret:web/db');
  });
});

test.each<[string, Make, string, string]>([
  ['of a number', (scope, secrets) => new PodmanService(scope, 'web', { image, user: '7', secrets }), '7:7', '0400'],
  [
    'that only the host knows',
    (scope, secrets) => new DockerService(scope, 'web', { image: 'docker.io/library/caddy:2', secrets }),
    '0:0',
    '0444',
  ],
  [
    'of a number in an image that the host pulls',
    (scope, secrets) =>
      new PodmanService(scope, 'web', { image: 'docker.io/library/caddy:2', user: '1000:50', secrets }),
    '1000:50',
    '0400',
  ],
  [
    'of a name that only the host knows',
    (scope, secrets) => new PodmanService(scope, 'web', { image: 'docker.io/library/node:24', user: 'node', secrets }),
    '0:0',
    '0444',
  ],
  [
    'that is root, since nothing else is said',
    (scope, secrets) => new NspawnMachine(scope, 'web', { image: archive({ Cmd: ['/bin/web'] }), secrets }),
    '0:0',
    '0400',
  ],
])('a secret is read by a user %s', (_, create, owner, mode) => {
  expect(spec(make(create))).toMatchObject({ owner, mode });
});

test('a timer goes on as it is, since its next run reads what is new; a socket starts its service anew', () => {
  const timer = make(of('SystemdTimer'));
  expect(timer.manifest.units['web.timer']?.restartOn).toEqual(['/etc/systemd/system/web.timer']);
  const socket = make(of('SystemdSocket'));
  expect(socket.manifest.units['web.socket']?.restartOn).toContain('secret:web/db');
  for (const service of [timer, socket]) expect(text(service)).toContain(`LoadCredential=db:${SOURCE}`);
});

test('an encrypted one is loaded as such, by programs of systemd alone', () => {
  const encrypted = (create: Make) => {
    const scope = host();
    return create(scope, [new Secret(scope, 'db', { generate: {}, encrypted: true })]);
  };
  const service = encrypted(of('PortableService'));
  expect(text(service)).toContain(`\\nLoadCredentialEncrypted=db:${SOURCE}\\n`);
  expect(spec(service)).toMatchObject({ encrypted: 'true' });
  expect(service.manifest.requires).toMatchObject({ 'systemd-creds': { why: 'for encrypted secrets' } });
  expect(() => encrypted(of('PodmanService'))).toThrow(
    'Cannot give secret "shop/host/db": is encrypted, and systemd decrypts it only for programs that it runs itself, expected a Secret that is not encrypted, or a SystemdService or PortableService',
  );
});

test('what a class can not do is an error that names what can', () => {
  const rootless = (scope: Host, secrets: readonly Secret[]) =>
    new PodmanService(scope, 'web', { image, rootless: new User(scope, 'shop'), secrets });
  expect(() => make(rootless)).toThrow('expected no secrets, or a service without rootless');
  const booted = (scope: Host, secrets: readonly Secret[]) =>
    new IncusInstance(scope, 'web', { image: archive({}), secrets });
  expect(() => make(booted)).toThrow(
    'it boots an init, which mounts a new /run over them, expected a `command`, or an NspawnMachine',
  );
  const machine = (scope: Host, secrets: readonly Secret[]) =>
    new VirtualMachine(scope, 'web', { image, secrets } as never);
  expect(() => make(machine)).toThrow(
    'a service on the kernel of the host: ContainerdService, DockerService, IncusInstance, LxcContainer, LxdInstance, NspawnMachine, OciService, PodmanService, PortableService, SystemdService',
  );
});

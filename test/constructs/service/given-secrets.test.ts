import { join } from 'node:path';
import {
  ContainerdService,
  DockerService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  Secret,
  type Service,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
  User,
  VirtualMachine,
} from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, temporaryDirectory } from '../testing';

function archive(config: object = { Cmd: ['/bin/web'], User: '33:44' }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

type Make = (scope: Host, secrets: readonly Secret[]) => Service;
const image = archive();
const SOURCE = '/var/lib/bulkhead-secrets/values/web/db';
const text = ({ manifest }: Service) => JSON.stringify([manifest.files, manifest.objects]);

const make = (of: Make) => {
  const scope = host();
  return of(scope, [new Secret(scope, 'db', { generate: {} })]);
};
const spec = (service: Service) => service.manifest.objects['secret:web/db']?.spec;

describe.each<[string, Make]>([
  ['a SystemdService', (scope, secrets) => new SystemdService(scope, 'web', { command: ['/bin/web'], secrets })],
  ['one in an image', (scope, secrets) => new SystemdService(scope, 'web', { image, user: 'www-data', secrets })],
  ['a PortableService', (scope, secrets) => new PortableService(scope, 'web', { image, secrets })],
])('%s', (_, of) => {
  const service = make(of);

  test('loads a secret as a credential, which systemd reads as root', () => {
    expect(text(service)).toContain(`\\nLoadCredential=db:${SOURCE}\\n`);
    expect(spec(service)).toMatchObject({ owner: '0:0', mode: '0400' });
  });

  test('restarts with it', () => {
    expect(service.manifest.units['web.service']?.restartOn).toContain('secret:web/db');
  });
});

describe.each<[string, Make, string]>([
  [
    'a PodmanService',
    (scope, secrets) => new PodmanService(scope, 'web', { image, secrets }),
    `${SOURCE}:/run/secrets/db:ro`,
  ],
  [
    'a DockerService',
    (scope, secrets) => new DockerService(scope, 'web', { image, secrets }),
    `${SOURCE}:/run/secrets/db:ro`,
  ],
  ['an OciService', (scope, secrets) => new OciService(scope, 'web', { image, secrets }), '/run/secrets/db'],
  [
    'a ContainerdService',
    (scope, secrets) => new ContainerdService(scope, 'web', { image, secrets }),
    '/run/secrets/db',
  ],
  [
    'an NspawnMachine',
    (scope, secrets) => new NspawnMachine(scope, 'web', { image, secrets }),
    `${SOURCE}:/run/secrets/db:idmap`,
  ],
  [
    'an LxcContainer',
    (scope, secrets) => new LxcContainer(scope, 'web', { image, secrets }),
    ' run/secrets/db none bind,',
  ],
  ['an LxdInstance', (scope, secrets) => new LxdInstance(scope, 'web', { image, secrets }), '/run/secrets/db'],
  ['an IncusInstance', (scope, secrets) => new IncusInstance(scope, 'web', { image, secrets }), '/run/secrets/db'],
])('%s', (_, of, words) => {
  const service = make(of);

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
])('a secret is read by a user %s', (_, of, owner, mode) => {
  expect(spec(make(of))).toMatchObject({ owner, mode });
});

test('a timer goes on as it is, since its next run reads what is new; a socket starts its service anew', () => {
  const timer = make(
    (scope, secrets) => new SystemdTimer(scope, 'web', { command: ['/bin/web'], onCalendar: 'daily', secrets }),
  );
  expect(timer.manifest.units['web.timer']?.restartOn).toEqual(['/etc/systemd/system/web.timer']);
  const socket = make(
    (scope, secrets) => new SystemdSocket(scope, 'web', { command: ['/bin/web'], ports: ['80:80'], secrets }),
  );
  expect(socket.manifest.units['web.socket']?.restartOn).toContain('secret:web/db');
  for (const service of [timer, socket]) expect(text(service)).toContain(`LoadCredential=db:${SOURCE}`);
});

test('an encrypted one is loaded as such, by programs of systemd alone', () => {
  const encrypted = (of: Make) => {
    const scope = host();
    return of(scope, [new Secret(scope, 'db', { generate: {}, encrypted: true })]);
  };
  const service = encrypted((scope, secrets) => new PortableService(scope, 'web', { image, secrets }));
  expect(text(service)).toContain(`\\nLoadCredentialEncrypted=db:${SOURCE}\\n`);
  expect(spec(service)).toMatchObject({ encrypted: 'true' });
  expect(service.manifest.requires).toMatchObject({ 'systemd-creds': { why: 'for encrypted secrets' } });
  expect(() => encrypted((scope, secrets) => new PodmanService(scope, 'web', { image, secrets }))).toThrow(
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

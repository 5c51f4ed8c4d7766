import {
  type ConfigFile,
  type HostProps,
  type InstanceProps,
  type Memory,
  type PodmanServiceProps,
  type PortProp,
  type Restart,
  Secret,
  type VirtualMachineProps,
  type VolumeProp,
} from 'bulkhead';
import { host } from './testing';

// Whether these compile is the test: `npm run types` fails for one that does and should not, or the other way round.
test('short forms are checked by the compiler', () => {
  const ports: PortProp[] = [8080, '8080', '8080:80', '53/udp', '127.0.0.1:8080:80/udp', '[::1]:80', { container: 80 }];
  // @ts-expect-error: no number
  ports.push('web');
  // @ts-expect-error: unknown protocol
  ports.push('80/sctp');
  // @ts-expect-error: no number after the colon
  ports.push('8080:');

  const volumes: VolumeProp[] = ['/a:/b', '/a:/b:ro', { source: '/a', target: '/b' }];
  // @ts-expect-error: no absolute path
  volumes.push('data:/data');

  const sizes: Memory[] = ['512M', '1.5G', 1024];
  // @ts-expect-error: unknown suffix
  sizes.push('512MB');

  // @ts-expect-error: unknown word
  const restart: Restart = 'sometimes';
  // @ts-expect-error: no scheme
  const props: HostProps = { address: 'root@192.0.2.1' };

  expect([ports.length, volumes.length, sizes.length, restart, props.address]).toHaveLength(5);
});

test('a prop that a class lacks is refused by the compiler', () => {
  // @ts-expect-error: only the guest itself knows users
  const guest: VirtualMachineProps = { kernel: '/boot/vmlinuz', user: '1765' };
  // @ts-expect-error: the engine runs it in a control group of its own
  const instance: Partial<InstanceProps> = { slice: 'batch' };
  expect([guest.kernel, instance.image]).toEqual(['/boot/vmlinuz', undefined]);
});

test('a variable is text, or a secret where the class has secrets', () => {
  const secret = new Secret(host(), 'db', { generate: {} });
  const config = {} as ConfigFile;
  const podman: Partial<PodmanServiceProps> = { environment: { DB_FILE: secret, LANG: 'C' } };
  // @ts-expect-error: a config file is a volume
  const mistaken: Partial<PodmanServiceProps> = { environment: { DB_FILE: config } };
  // @ts-expect-error: no file of the host is in a guest
  const guest: VirtualMachineProps = { environment: { DB_FILE: secret } };
  expect([podman, mistaken, guest].map(({ environment = {} }) => Object.keys(environment))).toHaveLength(3);
});

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Lab } from '../../lib/lab';

/** Debian packages that the tests need beside those of every practice host. */
export const PACKAGES: readonly string[] = [
  // docker, which needs iptables for its networks
  'docker.io',
  'docker-cli',
  'iptables',
  // containers without docker
  'containerd',
  'runc',
  'lxc',
  // pull images, unpack them, and have them
  'skopeo',
  'umoci',
  'docker-registry',
  'firewalld',
  // engines of instances
  'incus-base',
  'incus-client',
  'lxd',
  'lxd-client',
  // virtual machines: qemu, their disks and their volumes
  'qemu-system-x86',
  'e2fsprogs',
  'virtiofsd',
  // servers that run as plain services
  'postgresql',
  'redis-server',
  'nginx',
  'caddy',
  'nodejs',
  'gunicorn',
  'python3-psycopg2',
  'python3-redis',
  'rsyslog',
];

/** Of this checkout, so that those of two can be tested at once. */
const PREFIX = `test-${createHash('sha256').update(__dirname).digest('hex').slice(0, 4)}`;

/** The practice host on which one worker of Jest runs its tests, one file after the other. */
export const testLab = (worker: number | string): Lab => new Lab({ name: `${PREFIX}-${worker}`, packages: PACKAGES });

/** Where the labs of tests live that need one with the name of a user's. */
export const OTHER_HOME = `/var/lib/bulkhead/lab-${PREFIX}`;

/** Removes all practice hosts of the tests, also those that single files start and that a crash left. */
export async function removeTestLabs(): Promise<void> {
  const labs = [
    ...(await Lab.all()).filter(({ name }) => name.startsWith(`${PREFIX}-`)),
    ...(await Lab.all(OTHER_HOME)),
  ];
  await Promise.all(labs.map((lab) => lab.down()));
  await rm(OTHER_HOME, { recursive: true, force: true });
}

import {
  ContainerdService,
  type Host,
  type Image,
  NspawnMachine,
  OciService,
  PodmanService,
  PodmanVolume,
  SystemdService,
} from 'bulkhead';
import { lab } from './host';
import { longestGap, PROBE } from './probe';

/** Ports of services, each of another runtime. */
export const PORTS = { 'r-systemd': 8611, 'r-podman': 8612, 'r-containerd': 8613, 'r-oci': 8614, 'r-nspawn': 8615 };
export type Name = keyof typeof PORTS;
export const NAMES = Object.keys(PORTS) as Name[];

/** Where the services keep their data. */
export const DATA = '/var/lib/rollback-data';

/** What the services answer. */
export type Page = 'one' | 'two';

/** What is wrong with one of the services, or with the job that comes before another. */
export interface Wrong {
  readonly neverHealthy?: Name;
  readonly crashes?: Name;
  readonly migrationFails?: boolean;
}

const HTTPD = '/usr/bin/busybox httpd -f -p 8080 -h /tmp/www';
const SERVE = ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/www'] as const;
const NEVER_HEALTHY = ['/bin/sh', '-c', 'echo still loading; trap "exit 0" TERM; sleep 1000 & wait'] as const;
const CRASH = ['/bin/sh', '-c', 'sleep 2; echo "the disk is full" >&2; exit 7'] as const;

/** Five services, which serve a page of their image, and a job that one of them comes after. */
export const app =
  (
    images: Readonly<Record<Page, Image>>,
    pageOf: (name: Name) => Page,
    { neverHealthy, crashes, migrationFails = false }: Wrong = {},
  ) =>
  (host: Host): void => {
    const props = (name: Name) => {
      const command = name === neverHealthy ? NEVER_HEALTHY : name === crashes ? CRASH : SERVE;
      const health = { http: 'http://localhost:80/', interval: '200ms', timeout: '10s' } as const;
      return {
        image: images[pageOf(name)],
        command,
        ports: [`${PORTS[name]}:80`],
        volumes: [`${DATA}/${name}:/data`],
        stopTimeout: '1s',
        // What crashes must be seen by itself.
        ...(crashes === 'r-oci' && name === 'r-oci' ? {} : { health }),
      } as const;
    };
    const shared = { network: host.network } as const;
    new SystemdService(host, 'r-systemd', {
      command: ['/bin/sh', '-c', `mkdir /tmp/www; echo ${pageOf('r-systemd')} > /tmp/www/index.html; exec ${HTTPD}`],
      ports: [`${PORTS['r-systemd']}:8080`],
      health: { http: 'http://localhost:8080/', timeout: '15s' },
      stopTimeout: '1s',
      ...shared,
    });
    const volume = new PodmanVolume(host, 'r-files', { removalPolicy: 'destroy' });
    const podman = props('r-podman');
    new PodmanService(host, 'r-podman', {
      ...podman,
      volumes: [...podman.volumes, { source: volume, target: '/files' }],
    });
    new ContainerdService(host, 'r-containerd', props('r-containerd'));
    new OciService(host, 'r-oci', { ...props('r-oci'), ...shared });
    const migrate = new SystemdService(host, 'r-migrate', {
      command: [
        '/bin/sh',
        '-c',
        `echo run >> ${DATA}/runs; ${migrationFails ? 'echo "no such column" >&2; exit 3' : ':'}`,
      ],
      user: 'root',
      volumes: [`${DATA}:${DATA}`],
      oneshot: true,
    });
    new NspawnMachine(host, 'r-nspawn', { ...props('r-nspawn'), removalPolicy: 'destroy', dependsOn: [migrate] });
  };

export const answer = async (name: Name) =>
  (await lab.sh('curl -s -m 2 "http://127.0.0.1:$1/" || true', String(PORTS[name]))).trim();
export const answers = async () =>
  Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await answer(name)])));

/** Digest of all that the services have written. */
export const checksum = () =>
  lab.sh(
    `cd ${DATA}; { find . -type f ! -name runs; find /var/lib/machines/r-nspawn/root -type f; ls -d /var/lib/containers/storage/volumes/*/_data/*; } |
      sort | xargs sha256sum`,
  );

/** Asks all services again and again, until told to stop. The longest time in which one did not answer, in ms. */
export function watch(): () => Promise<ReadonlyMap<Name, number>> {
  const stop = '/run/rollback-stop';
  const ports = Object.values(PORTS).map(String);
  const polled = lab.sh('rm -f "$2"; python3 -c "$@"', PROBE, stop, '0.25', '/', ...ports);
  return async () => {
    // Time for each to be asked once more.
    await lab.sh(`sleep 2; touch ${stop}`);
    const printed = await polled;
    return new Map(NAMES.map((name) => [name, longestGap(printed, PORTS[name])]));
  };
}

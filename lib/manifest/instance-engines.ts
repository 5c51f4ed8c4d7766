/** A daemon that keeps instances: containers and virtual machines that outlive a restart of their host. */
export interface InstanceEngine {
  readonly name: 'incus' | 'lxd';
  /** Its name in messages. */
  readonly title: string;
  /** Where it answers requests of its REST API, for root alone. */
  readonly socket: string;
  /** Directory in which an instance has a directory of its own, with what its console has shown. */
  readonly logs: string;
  /** What headers of its API begin with. */
  readonly header: string;
  /** A program that is there where it is installed, and the Debian package that brings it. */
  readonly program: string;
  readonly package: string;
  /** The unit of the daemon. A unit of the same name listens on the socket. */
  readonly unit: string;
}

export const INCUS: InstanceEngine = {
  name: 'incus',
  title: 'Incus',
  socket: '/var/lib/incus/unix.socket',
  logs: '/var/log/incus',
  header: 'X-Incus',
  program: 'incus',
  package: 'incus',
  unit: 'incus.service',
};

export const LXD: InstanceEngine = {
  name: 'lxd',
  title: 'LXD',
  socket: '/var/lib/lxd/unix.socket',
  logs: '/var/log/lxd',
  header: 'X-LXD',
  program: 'lxd',
  package: 'lxd',
  unit: 'lxd.service',
};

/** The storage pool of instances that Bulkhead makes. */
export const INSTANCE_POOL = 'bulkhead';

/** The key of an instance's config that says which image it was made from. */
export const MADE_FROM = 'user.bulkhead';

/** What an instance that was replaced is called from then on, until it is replaced itself. */
export const previousInstance = (name: string) => `${name}-previous`;

/**
 * Words of a shell that define `ask METHOD URL [options of curl]`, which prints what an engine answers, and
 * `finish ANSWER`, which waits until the engine has done what it was asked for and prints how that ended.
 */
export const engineRequests = ({ socket }: InstanceEngine) => `
ask() { curl --silent --show-error --globoff --unix-socket ${socket} --request "$@"; }
finish() {
  operation=$(printf '%s' "$1" | sed -n 's|^{"type":"async".*"operation":"\\(/1.0/operations/[0-9a-f-]*\\)".*|\\1|p')
  if [ "$operation" ]; then ask GET "http://engine$operation/wait"; else printf '%s\\n' "$1"; fi
}`;

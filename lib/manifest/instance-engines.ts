/** A daemon that manages instances: containers and virtual machines that survive a restart of their host. */
export interface InstanceEngine {
  readonly name: 'incus' | 'lxd';
  /** Its name in messages. */
  readonly title: string;
  /** Socket of its REST API. Only root can open it. */
  readonly socket: string;
  /** Directory with one directory per instance, which has the output of its console. */
  readonly logs: string;
  /** Prefix of the headers of its API. */
  readonly header: string;
  /** A program that exists if the engine is installed, and its Debian package. */
  readonly program: string;
  readonly package: string;
  /** Unit of the daemon. A socket unit of the same name listens on the socket. */
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

/** The storage pool that Bulkhead creates for instances. */
export const INSTANCE_POOL = 'bulkhead';

/** Config key of an instance with the image that it was made from. */
export const MADE_FROM = 'user.bulkhead';

/** Name of a replaced instance. It is kept until the next replacement. */
export const previousInstance = (name: string) => `${name}-previous`;

/**
 * Shell text that defines two functions. `ask METHOD URL [options of curl]` prints the engine's answer. `finish ANSWER`
 * waits until the engine has completed the request, and prints the result.
 */
export const engineRequests = ({ socket }: InstanceEngine) => `
ask() { curl --silent --show-error --globoff --unix-socket ${socket} --request "$@"; }
finish() {
  operation=$(printf '%s' "$1" | sed -n 's|^{"type":"async".*"operation":"\\(/1.0/operations/[0-9a-f-]*\\)".*|\\1|p')
  if [ "$operation" ]; then ask GET "http://engine$operation/wait"; else printf '%s\\n' "$1"; fi
}`;

/** Whether a running instance gets a new value of a config key at once. Others apply when the instance starts. */
export function isLiveLimit(key: string): boolean {
  return key.startsWith('limits.') && !key.startsWith('limits.kernel.');
}

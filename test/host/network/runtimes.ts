import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigDirectory,
  type Connectable,
  ContainerdService,
  DockerDaemon,
  DockerService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  type Network,
  NspawnMachine,
  type OciProgram,
  OciService,
  PodmanKube,
  PodmanPod,
  PodmanService,
  Port,
  PortableService,
  SystemdService,
  SystemdSocket,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../../lib/lab';
import { lab } from '../host';
import { images } from '../synth';

/** A service on a network, and how a test looks at it from inside. */
export interface Runtime {
  /** Creates a service that listens on its port 7000, TCP and UDP, and answers with its name. */
  readonly create: (host: Host, name: string, props: Props) => Connectable;
  /** Prints the process ID of a program in it, or where {@link inside} finds it. */
  readonly pid: string;
  /** A function of sh that runs words in it, with what `pid` prints in `$pid`. Not set: in the namespaces of that process. */
  readonly inside?: string;
}

export interface Props {
  readonly network: Network;
  readonly ports?: readonly `${number}:${number}`[];
}

const MAIN = 'systemctl show -P MainPID "$1"';
/** The container's program is a child of the unit's main process. */
const PROGRAM = 'pgrep -P "$(systemctl show -P MainPID "$1")" | head -n 1';

/** One line for each runtime that can be on a network. */
export const RUNTIMES: Readonly<Record<string, Runtime>> = {
  systemd: { create: systemd, pid: MAIN },
  image: { create: inImage(SystemdService), pid: MAIN },
  portable: { create: inImage(PortableService), pid: MAIN },
  container: { create: container, pid: 'podman inspect -f "{{.State.Pid}}" "$1"' },
  pod: { create: pod, pid: 'podman inspect -f "{{.State.Pid}}" "$1-app"' },
  containerd: {
    create: task,
    pid: `ctr -n bulkhead tasks list | awk -v name="$1" '$1 == name { print $2 }'`,
  },
  docker: {
    create: docker,
    pid: 'docker inspect -f "{{.State.Pid}}" "$(cat "/run/bulkhead/docker/$1/container")"',
  },
  crun: { create: bundle('crun'), pid: PROGRAM },
  runc: { create: bundle('runc'), pid: PROGRAM },
  lxc: { create: lxc, pid: 'lxc-info -P /var/lib/lxc -n "$1" -p -H' },
  incus: { create: instance(IncusInstance), pid: 'cat "/run/bulkhead/incus/$1/pid"' },
  lxd: { create: instance(LxdInstance), pid: 'cat "/run/bulkhead/lxd/$1/pid"' },
  program: { create: program, pid: 'machinectl show -P Leader "$1"' },
  kube: { create: kube, pid: 'podman inspect -f "{{.State.Pid}}" "$1-app"' },
  socket: { create: socket, pid: 'systemctl start "$1"; systemctl show -P MainPID "$1"' },
  machine: { create: machine, pid: 'machinectl show -P Leader "$1"' },
  vm: {
    create: guest,
    pid: `awk -v name="$1" '$2 == name { print $1; exit }' "/etc/bulkhead/network/$1/hosts"`,
    // Three at a time: without KVM, a guest is slow.
    inside: `inside() {
      cat >/dev/null
      slot=$(($(printf %s "$*" | cksum | cut -d ' ' -f 1) % 3))
      flock "/run/lock/guest-$slot" sh -c 'echo "echo | $0 2>/dev/null" | socat -t 9 -T 9 - "TCP4:$1:7001"' "$*" "$pid"
    }`,
  },
};

/** What answers on port 7000 of every service. socat may lose what a program says that ends at once. */
const answer = (name: string) =>
  `trap 'exit 0' TERM; socat UDP6-RECVFROM:7000,ipv6only=0,fork SYSTEM:'echo ${name}' & socat TCP6-LISTEN:7000,ipv6only=0,reuseaddr,fork SYSTEM:'echo ${name}; cat >/dev/null' & wait`;
const COMMAND = (name: string) => ['/usr/bin/sh', '-c', answer(name)];
/** The host's programs. */
const USR = ['/usr', '/lib', '/lib64'];
const environment = { PATH: '/usr/bin' };
const expose = [7000, '7000/udp'] as const;
const image = () => Image.ociArchive(images().ociArchive);

function systemd(host: Host, name: string, props: Props): Connectable {
  return new SystemdService(host, name, { ...props, expose, command: COMMAND(name), environment });
}

function inImage(type: typeof SystemdService | typeof PortableService) {
  return (host: Host, name: string, props: Props): Connectable => {
    const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
    const own = { image: image(), command: COMMAND(name), environment, volumes, tasks: 64 };
    return new type(host, name, { ...props, ...own, expose });
  };
}

function container(host: Host, name: string, props: Props): Connectable {
  const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
  const command = COMMAND(name);
  return new PodmanService(host, name, {
    ...props,
    expose,
    image: image(),
    command,
    environment,
    volumes,
    stopTimeout: '2s',
  });
}

function docker(host: Host, name: string, props: Props): Connectable {
  if (!host.node.tryFindChild('docker')) new DockerDaemon(host, 'docker');
  const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
  const command = COMMAND(name);
  const own = { image: image(), command, environment, volumes, stopTimeout: '2s' } as const;
  return new DockerService(host, name, { ...props, ...own, expose });
}

function pod(host: Host, name: string, props: Props): Connectable {
  const inside = new PodmanPod(host, name, { ...props, expose });
  const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
  const command = COMMAND(name);
  new PodmanService(host, `${name}-app`, {
    image: image(),
    pod: inside,
    command,
    environment,
    volumes,
    stopTimeout: '2s',
  });
  return inside;
}

function task(host: Host, name: string, props: Props): Connectable {
  const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
  const command = COMMAND(name);
  return new ContainerdService(host, name, { ...props, expose, image: image(), command, environment, volumes });
}

function kube(host: Host, name: string, props: Props): Connectable {
  const { unitName, manifest } = new PodmanService(host, `${name}-image`, {
    image: image(),
    command: ['/bin/sleep', '1000000'],
  });
  const [reference] = Object.keys(manifest.objects).map((key) => key.replace('podman-image:', ''));
  const spec = {
    containers: [
      {
        name: 'app',
        image: reference,
        command: COMMAND(name),
        env: [{ name: 'PATH', value: '/usr/bin' }],
        volumeMounts: USR.map((mountPath) => ({ name: mountPath.slice(1), mountPath, readOnly: true })),
      },
    ],
    volumes: USR.map((path) => ({ name: path.slice(1), hostPath: { path } })),
    terminationGracePeriodSeconds: 2,
  };
  return new PodmanKube(host, name, {
    ...props,
    expose,
    yaml: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec },
    directives: { Unit: { After: unitName } },
  });
}

// It is given both sockets, and accepts on the first one.
const LISTENER = `
use IO::Select; use Socket;
open(my $stream, '+<&=', 3); open(my $datagram, '+<&=', 4);
my $select = IO::Select->new($stream, $datagram);
while (my @ready = $select->can_read) {
  for my $socket (@ready) {
    if ($socket == $stream) { accept(my $peer, $stream); syswrite($peer, "$ARGV[0]\\n"); close $peer }
    else { my $peer = recv($datagram, my $text, 512, 0); send($datagram, "$ARGV[0]\\n", 0, $peer) }
  }
}`;

function socket(host: Host, name: string, props: Props): Connectable {
  return new SystemdSocket(host, name, { ...props, expose, command: ['/usr/bin/perl', '-e', LISTENER, name] });
}

function bundle(runtime: OciProgram) {
  return (host: Host, name: string, props: Props): Connectable => {
    const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
    const own = { image: image(), command: COMMAND(name), environment, volumes };
    // The programs of the practice host are on a file system that can't map owners.
    return new OciService(host, name, { ...props, ...own, expose, runtime, privateUsers: false });
  };
}

function lxc(host: Host, name: string, props: Props): Connectable {
  const volumes = USR.map((path) => ({ source: path, target: path, readOnly: true }));
  const own = { image: image(), command: COMMAND(name), environment, volumes };
  // The programs of the practice host are on a file system that can't map owners.
  return new LxcContainer(host, name, { ...props, ...own, expose, privileged: true });
}

function program(host: Host, name: string, props: Props): Connectable {
  return new NspawnMachine(host, name, {
    ...props,
    expose,
    image: image(),
    command: COMMAND(name),
    environment,
    stopTimeout: '2s',
    directives: { Files: { BindReadOnly: USR } },
  });
}

function instance(type: typeof IncusInstance | typeof LxdInstance) {
  return (host: Host, name: string, props: Props): Connectable => {
    // The programs of the practice host are on a file system that can't map owners.
    const usr = USR.map((path) => [path.slice(1), { type: 'disk', source: path, path, readonly: true }] as const);
    const directives = { devices: Object.fromEntries(usr) };
    const own = { image: image(), command: COMMAND(name), environment, stopTimeout: '2s', directives } as const;
    return new type(host, name, { ...props, ...own, expose });
  };
}

/** Boots a kernel of its own. It runs what the host sends to its port 7001. */
function guest(host: Host, name: string, props: Props): Connectable {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-guest-'));
  const commands = 'PATH=/usr/bin; socat -t 30 TCP6-LISTEN:7001,ipv6only=0,reuseaddr,fork EXEC:/usr/bin/sh &';
  writeFileSync(join(directory, 'answer.sh'), `${commands} ${answer(name)}\n`);
  const source = new ConfigDirectory(host, `${name}-app`, { path: `/etc/${name}-app`, source: directory });
  rmSync(directory, { recursive: true });
  const machine = new VirtualMachine(host, name, {
    ...props,
    ...Lab.guest(),
    expose,
    command: ['/usr/bin/sh', '/app/answer.sh'],
    volumes: [{ source, target: '/app' }, ...USR.map((path) => ({ source: path, target: path, readOnly: true }))],
    memory: '256M',
    stopTimeout: '2s',
    health: { tcp: 7000, timeout: '5min' },
  });
  machine.connections.allowFromHost(Port.tcp(7001));
  return machine;
}

/** Boots the init of a root that {@link makeRoot} made. */
function machine(host: Host, name: string, props: Props): Connectable {
  return new NspawnMachine(host, name, {
    ...props,
    expose,
    root: `/srv/${name}`,
    health: 'notify',
    directives: { Files: { BindReadOnly: '/usr' } },
  });
}

/** A Debian that shares the host's programs, whose init starts what answers. */
export async function makeRoot(name: string): Promise<void> {
  await lab.sh(
    `mkdir -p "/srv/$1" && cd "/srv/$1"
    mkdir dev etc proc root run sys tmp usr var
    for directory in bin lib lib64 sbin; do ln -s "usr/$directory" "$directory"; done
    cp /usr/lib/os-release /etc/passwd /etc/group /etc/nsswitch.conf etc
    echo 0123456789abcdef0123456789abcdef > etc/machine-id
    mkdir -p etc/systemd/system/multi-user.target.wants
    printf '[Service]\\nExecStart=/usr/bin/sh -c "%s"\\n' "$2" > etc/systemd/system/answer.service
    ln -s ../answer.service etc/systemd/system/multi-user.target.wants`,
    name,
    answer(name),
  );
}

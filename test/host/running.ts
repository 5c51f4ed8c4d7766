import { host, lab } from './host';

export type Runtime = 'systemd' | 'podman' | 'nspawn' | 'containerd' | 'crun' | 'runc' | 'lxc' | 'incus' | 'lxd';

/** What the kernel says of the first process of a service. */
export interface Running {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where it sees something mounted, and what: the path within the file system that holds it. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** The program is a child of the unit's main process. */
const CHILD = 'pgrep -P "$(systemctl show -P MainPID "$1")" | head -n 1';

const PID: Readonly<Record<Runtime, string>> = {
  systemd: 'systemctl show -P MainPID "$1"',
  podman: 'podman inspect -f "{{.State.Pid}}" "$1"',
  nspawn: 'machinectl show -P Leader "$1"',
  containerd: `ctr -n bulkhead tasks list | awk -v name="$1" '$1 == name { print $2 }'`,
  crun: CHILD,
  runc: CHILD,
  lxc: 'lxc-info -P /var/lib/lxc -n "$1" -p -H',
  incus: 'cat "/run/bulkhead/incus/$1/pid"',
  lxd: 'cat "/run/bulkhead/lxd/$1/pid"',
};

/** Looks at the process of a service that runs. */
export async function running(runtime: Runtime, name: string): Promise<Running> {
  return readProcess((await lab.sh(PID[runtime], name)).trim());
}

/** Looks at a process. */
export async function readProcess(pid: string): Promise<Running> {
  const [argv, environ, cwd, mounts] = await Promise.all([
    read(['cat', `/proc/${pid}/cmdline`]),
    read(['cat', `/proc/${pid}/environ`]),
    read(['readlink', '--no-newline', `/proc/${pid}/cwd`]),
    read(['cat', `/proc/${pid}/mountinfo`]),
  ]);
  return {
    argv: argv.split('\0').slice(0, -1),
    environment: Object.fromEntries(environ.split('\0').map(variable)),
    cwd,
    mounts: new Map(mounts.split('\n').filter(Boolean).map(mount)),
  };
}

async function read(argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host().run(argv);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  return stdout.toString();
}

function variable(text: string): [string, string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}

function mount(line: string): [string, string] {
  const [, , , root = '', target = ''] = line.split(' ').map(unescapeMount);
  return [target, root];
}

/** Undoes what the kernel does to blanks and backslashes. */
function unescapeMount(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
  return Buffer.from(plain, 'latin1').toString();
}

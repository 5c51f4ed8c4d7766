import { type ArchiveEntry, archive } from './archive';
import { type OciConfig, ociArchive } from './oci-archive';

/** A BusyBox system of 2 MB that serves a page on port 80, in the formats that services use. */
export interface LabImages {
  /** Path of the root as a tar archive, for `systemd-nspawn`, `machinectl import-tar` and `podman import`. */
  readonly tar: string;
  /** Path of the same root as an OCI archive, for `podman load` and `skopeo copy oci-archive:`. */
  readonly ociArchive: string;
}

const CONFIG: OciConfig = {
  Cmd: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'],
  Env: ['PATH=/bin'],
  ExposedPorts: { '80/tcp': {} },
  // As PID 1 it ignores every other signal, and has nothing to save.
  StopSignal: 'SIGKILL',
};

const REFERENCE = 'localhost/busybox:latest';

const FILES: Readonly<Record<string, string>> = {
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/machine-id': '',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/resolv.conf': '',
  'usr/lib/os-release': 'ID=busybox\nNAME=BusyBox\nPRETTY_NAME="BusyBox test image"\nVERSION_ID=1\n',
  'www/index.html': '<h1>It works</h1>\n',
};

const SCRIPTS: Readonly<Record<string, string>> = {
  // Configures every link by DHCP and serves the same page. 37 is SIGRTMIN+3, with which systemd-nspawn asks to halt.
  'sbin/init': `#!/bin/sh
trap 'exit 0' INT TERM 37
ip link set lo up
for link in /sys/class/net/*; do
  link=\${link##*/}
  [ "$link" = lo ] && continue
  ip link set "$link" up
  udhcpc -b -t 20 -T 1 -A 1 -i "$link" -s /etc/udhcpc.sh > /dev/null 2>&1 &
done
httpd -f -p 80 -h /www &
wait
`,
  'etc/udhcpc.sh': `#!/bin/sh
case $1 in bound | renew) ;; *) exit 0 ;; esac
ip addr replace "$ip/\${mask:-24}" dev "$interface"
[ -z "$router" ] || ip route replace default via "\${router%% *}"
`,
};

const DIRECTORIES = ['dev', 'proc', 'root', 'run', 'sys', 'usr/bin', 'usr/sbin', 'var/lib'];

/** @param applets Names of the commands that `busybox` is to answer to. */
export function imageTree(busybox: Uint8Array, applets: readonly string[]): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [
    ...DIRECTORIES.map((path) => ({ type: 'Directory', path }) as const),
    ...['tmp', 'var/tmp'].map((path) => ({ type: 'Directory', path, mode: 0o1777 }) as const),
    ...Object.entries(FILES).map(([path, content]) => ({ type: 'File', path, content }) as const),
    ...Object.entries(SCRIPTS).map(([path, content]) => ({ type: 'File', path, content, mode: 0o755 }) as const),
    { type: 'File', path: 'bin/busybox', content: busybox, mode: 0o755 },
    ...applets
      .filter((applet) => applet !== 'busybox')
      .map((applet) => ({ type: 'SymbolicLink', path: `bin/${applet}`, target: 'busybox' }) as const),
    { type: 'SymbolicLink', path: 'usr/bin/env', target: '../../bin/busybox' },
    { type: 'SymbolicLink', path: 'etc/os-release', target: '../usr/lib/os-release' },
  ];
  const known = new Set(entries.map(({ path }) => path));
  const parents = new Set(entries.flatMap(({ path }) => ancestors(path)).filter((path) => !known.has(path)));
  return [...[...parents].map((path) => ({ type: 'Directory', path }) as const), ...entries];
}

function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The content of both archives; every byte follows from the arguments. */
export function testImage(busybox: Uint8Array, applets: readonly string[]): Record<keyof LabImages, Buffer> {
  const tar = archive(imageTree(busybox, applets));
  return { tar, ociArchive: ociArchive(tar, CONFIG, REFERENCE) };
}

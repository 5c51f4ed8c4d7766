import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { imageCache } from '../images/cache';
import { APT_QUERY, sourcesIn } from '../images/debian-tar';
import { cpio } from './cpio';
import { guestTree, MODULES } from './guest-tree';
import { SUITE } from './mmdebstrap';

/** A kernel and an initial RAM file system for virtual machines, as files on this machine. */
export interface LabGuest {
  /** Path of Debian's cloud kernel. */
  readonly kernel: string;
  /**
   * Path of an initrd with BusyBox. It reads the settings of a `VirtualMachine` from the kernel's command line, sets up
   * its network and its names, and reacts to the power button. Then it starts the program in `init=` from the root on
   * /dev/vda. Without a disk, it serves one page on port 80.
   */
  readonly initrd: string;
}

const PACKAGE = 'linux-image-cloud-amd64';

/**
 * The guest of the practice host. The first call downloads its kernel, 37 MB, from the mirror of this machine's apt.
 * @param program A BusyBox that needs no library.
 * @throws Error that says what is missing
 */
export function labGuest(program: string): LabGuest {
  const busybox = readFileSync(program);
  const applets = run([program, '--list']).toString().trim().split('\n');
  const directory = kernelDirectory();
  const modules = MODULES.map((name) => ({ name, content: readFileSync(join(directory, `${name}.ko`)) }));
  const content = cpio(guestTree(busybox, applets, modules));
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const initrd = join(directory, `initrd-${digest}`);
  if (!existsSync(initrd)) {
    writeFileSync(`${initrd}.${process.pid}`, gzipSync(content));
    renameSync(`${initrd}.${process.pid}`, initrd);
  }
  return { kernel: join(directory, 'vmlinuz'), initrd };
}

/** The uncompressed kernel and its modules. */
function kernelDirectory(): string {
  const modules = createHash('sha256').update(MODULES.join(' ')).digest('hex').slice(0, 8);
  const directory = join(imageCache(), `guest-${SUITE}-x64-${modules}`);
  if (existsSync(directory)) return directory;
  const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-guest-'));
  const unfinished = `${directory}.${process.pid}`;
  try {
    const root = unpack(scratch);
    mkdirSync(unfinished);
    const boot = readdirSync(join(root, 'boot')).find((name) => name.startsWith('vmlinuz-')) ?? '';
    copyFileSync(join(root, 'boot', boot), join(unfinished, 'vmlinuz'));
    for (const name of MODULES) writeFileSync(join(unfinished, `${name}.ko`), run(['xz', '-dc', moduleIn(root, name)]));
    renameSync(unfinished, directory);
  } finally {
    rmSync(scratch, { recursive: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
  return directory;
}

function moduleIn(root: string, name: string): string {
  const paths = readdirSync(join(root, 'usr', 'lib', 'modules'), { recursive: true, encoding: 'utf8' });
  const path = paths.find((one) => one.endsWith(`/${name}.ko.xz`));
  if (path === undefined) throw new Error(`Cannot create the guest: Debian's kernel has no module ${name}`);
  return join(root, 'usr', 'lib', 'modules', path);
}

/** Unpacks Debian's kernel below a directory, with separate apt indexes. */
function unpack(directory: string): string {
  const sources = sourcesIn(run(APT_QUERY).toString(), SUITE);
  writeFileSync(join(directory, 'sources.list'), `${sources.join('\n')}\n`);
  writeFileSync(join(directory, 'status'), '');
  for (const path of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(directory, path), { recursive: true });
  const options = [
    `Dir::State=${directory}/state`,
    `Dir::State::status=${directory}/status`,
    `Dir::Cache=${directory}/cache`,
    `Dir::Etc::SourceList=${directory}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    'APT::Architecture=amd64',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  run(['apt-get', ...options, 'update']);
  const depends = run(['apt-cache', ...options, 'depends', PACKAGE]).toString();
  const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (kernel === undefined) throw new Error(`Cannot create the guest: Debian ${SUITE} has no ${PACKAGE}`);
  run(['apt-get', ...options, 'download', kernel], directory);
  const archive = readdirSync(directory).find((name) => name.endsWith('.deb')) ?? '';
  run(['dpkg-deb', '-x', join(directory, archive), join(directory, 'root')]);
  return join(directory, 'root');
}

function run([program = '', ...args]: readonly string[], cwd?: string): Buffer {
  const env = { ...process.env, LC_ALL: 'C' };
  return execFileSync(program, args, { cwd, env, maxBuffer: 256 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
}

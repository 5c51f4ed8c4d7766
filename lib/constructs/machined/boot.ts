import type { FilePart } from '../../manifest/index';
import { checkEither, fail } from '../problem';
import { type Asset, assetOf } from '../props/assets';
import { checkWords } from '../props/command';
import type { ImageConfig } from '../props/oci-archive';
import { absolutePath } from '../props/paths';
import { memoryBytes } from '../props/quantities';
import { isStoredImage, type StoredImage } from '../props/stored-image';
import type { MachineDisk } from './machine-unit';
import type { VirtualMachineProps } from './virtual-machine-props';

/** Files on the host that a guest boots from. */
export interface BootFiles {
  /** Directory of the files on the host. */
  readonly directory: string;
  /** Names of the files in that directory. */
  readonly names: readonly ('kernel' | 'initrd')[];
  readonly files: Readonly<Record<string, FilePart>>;
  readonly assets: readonly Asset[];
}

/** Directory on the host with the texts that the start of a machine reads. */
export const configurationOf = (name: string) => `/etc/bulkhead/vm/${name}`;

/** Directory on the host with the kernel and the disk of a machine. qemu reads them as an unprivileged user. */
const directoryOf = (name: string) => `/var/lib/bulkhead-vm/${name}`;

/** The kernel and the initrd of a machine. @throws Error for a file that can't be read */
export function bootFiles({ kernel, initrd }: VirtualMachineProps, name: string, at: string): BootFiles {
  const directory = directoryOf(name);
  const given = (
    [
      ['kernel', kernel],
      ['initrd', initrd],
    ] as const
  ).flatMap(([name, path]) =>
    path === undefined ? [] : [{ name, path: `${directory}/${name}`, asset: assetOf(path, 'boot', `${at}.${name}`) }],
  );
  return {
    directory,
    names: given.map(({ name }) => name),
    files: Object.fromEntries(
      given.map(({ path, asset }) => [path, { asset: asset.digest, mode: '0644', owner: 'root', group: 'root' }]),
    ),
    assets: given.map(({ asset }) => asset),
  };
}

/** Props that work only with a kernel that starts without a boot loader. */
const NEED_KERNEL = ['initrd', 'image', 'command', 'commandLine', 'environment'] as const;

/** Checks that a machine can boot. @throws Error */
export function checkBoot(props: VirtualMachineProps, at: string): void {
  const { kernel, image, disk, readOnlyRoot } = props;
  if (kernel === undefined && disk === undefined)
    fail({ action: 'boot', value: at, problem: 'there is nothing to boot', expected: 'a kernel or a disk', at });
  if (image !== undefined && disk !== undefined)
    checkEither('boot from', { image: image?.source ?? image, disk: isStoredImage(disk) ? disk.node.path : disk }, at);
  if (readOnlyRoot && image === undefined)
    fail({
      action: 'set readOnlyRoot to',
      value: readOnlyRoot,
      problem: disk === undefined ? 'there is no disk' : 'the disk is your own, which the guest writes to',
      expected: 'an image, too',
      at: `${at}.readOnlyRoot`,
    });
  const lost = NEED_KERNEL.find((prop) => props[prop] !== undefined);
  if (kernel === undefined && lost !== undefined)
    fail({
      action: 'set',
      value: lost,
      problem: 'the boot loader of the disk decides that',
      expected: 'also a kernel, which then starts without the boot loader',
      at: `${at}.${lost}`,
    });
}

/** The disk of a guest: the user's own disk, or the disk that the image is written to. @throws Error */
export function diskOf(
  { disk, image, readOnlyRoot = false }: VirtualMachineProps,
  name: string,
  at: string,
): MachineDisk | undefined {
  if (isStoredImage(disk)) return { path: checkStored(disk, at), format: 'raw', readOnly: false };
  if (disk === undefined)
    return image && { path: `${directoryOf(name)}/disk/root`, format: 'raw', readOnly: readOnlyRoot };
  const { path, format } = typeof disk === 'object' ? disk : { path: disk, format: formatOf(disk) };
  absolutePath(path, 'disk', at);
  if (path.includes(':') || (format !== 'raw' && format !== 'qcow2'))
    fail({
      action: 'use as disk',
      value: disk,
      problem: path.includes(':') ? 'its path has a colon' : 'has an unknown format',
      expected: 'a path such as "/srv/db.qcow2", or { path: "/srv/db", format: "raw" }',
      at: `${at}.disk`,
    });
  return { path, format, readOnly: false };
}

function checkStored({ node, usedAs, storedAs, readOnly }: StoredImage, at: string): string {
  if (storedAs === 'raw' && !readOnly) return usedAs;
  return fail({
    action: 'use as disk',
    value: node.path,
    problem: readOnly ? 'is read-only' : 'is a directory',
    expected: readOnly ? 'a clone of it: new MachineImage(host, id, { clone })' : 'a MachineImage of a raw disk',
    at: `${at}.disk`,
  });
}

const formatOf = (path: unknown) => (String(path).endsWith('.qcow2') ? 'qcow2' : 'raw');

/** Process 1 of a guest and its arguments. Empty when the kernel looks for an init. @throws Error */
export function initOf(
  { command }: VirtualMachineProps,
  image: ImageConfig | undefined,
  at: string,
): readonly string[] {
  if (command !== undefined) checkWords(command, 'command', at);
  const init = command ?? [...(image?.entrypoint ?? []), ...(image?.command ?? [])];
  const [program = '/'] = init;
  if (program.startsWith('/')) return init;
  return fail({
    action: 'boot into',
    value: program,
    problem: 'is not an absolute path, and a kernel does not search PATH',
    expected: "a path in the guest, such as command: ['/usr/sbin/nginx', ...]",
    at: `${at}.command`,
  });
}

const DEFAULT_MIB = 512;
const LEAST_MIB = 64;

/** Memory of a guest in MiB. @throws Error */
export function memoryOf(memory: VirtualMachineProps['memory'], at: string): number {
  const bytes = memoryBytes(memory, at);
  const size = bytes === undefined ? DEFAULT_MIB : Math.floor(bytes / 2 ** 20);
  if (size >= LEAST_MIB) return size;
  return fail({
    action: 'run a guest with memory of',
    value: memory,
    problem: 'is less than a kernel needs',
    expected: `at least ${LEAST_MIB}M`,
    at: `${at}.memory`,
  });
}

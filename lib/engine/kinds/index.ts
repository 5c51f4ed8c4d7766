import { INCUS, type KindName, LXD } from '../../manifest';
import type { Generator } from '../generator';
import type { Kind, Program } from '../kind';
import { containerdImage } from './containerd-image';
import { directory } from './directory';
import { dockerContainer } from './docker-container';
import { dockerImage } from './docker-image';
import { dockerNetwork } from './docker-network';
import { dockerRuntime } from './docker-runtime';
import { dockerVolume } from './docker-volume';
import { imageRoot } from './image-root';
import { instance } from './instance';
import { instanceImage } from './instance-image';
import { instancePool } from './instance-pool';
import { networkInterface } from './interface';
import { link } from './link';
import { machineImage } from './machine-image';
import { machineRoot } from './machine-root';
import { networkNamespace } from './network-namespace';
import { nftTable } from './nft-table';
import { podmanImage } from './podman-image';
import { removeContainers } from './podman-leftovers';
import { podmanNetwork } from './podman-network';
import { podmanVolume } from './podman-volume';
import { quadlet } from './quadlet';
import { generatedSecret, secret } from './secret';
import { subnet } from './subnet';
import { user } from './user';

/** What engines of instances have. A pool goes last, since instances are in it. */
const ofInstances = [INCUS, LXD].flatMap((engine): Kind[] => [
  instance(engine),
  instanceImage(engine),
  instancePool(engine),
]);

/** Every kind, in the order in which objects are deleted: what others use comes after them. */
export const ALL_KINDS: readonly Kind[] = [
  ...ofInstances,
  networkInterface,
  networkNamespace,
  nftTable,
  subnet,
  dockerContainer,
  dockerNetwork,
  dockerVolume,
  dockerImage,
  dockerRuntime,
  podmanNetwork,
  podmanVolume,
  podmanImage,
  containerdImage,
  machineRoot,
  machineImage,
  link,
  secret,
  generatedSecret,
  directory,
  imageRoot,
  user,
];

const BY_NAME = new Map<KindName, Kind>(ALL_KINDS.map((kind) => [kind.name, kind]));

/** The kind of that name. */
export function kindNamed(name: KindName): Kind {
  const kind = BY_NAME.get(name);
  if (!kind) throw new Error(`Cannot use kind "${name}": the engine does not know it`);
  return kind;
}

/** Programs of runtimes whose services have no objects of a kind of their own. */
export const RUNTIME_PROGRAMS: Readonly<Record<string, Program>> = {
  crun: { package: 'crun' },
  'lxc-start': { package: 'lxc' },
  runc: { package: 'runc' },
  'qemu-system-x86_64': { package: 'qemu-system-x86' },
  socat: { package: 'socat' },
  'systemd-creds': { package: 'systemd' },
  mke2fs: { package: 'e2fsprogs' },
  virtiofsd: { package: 'virtiofsd' },
};

/** Generators of units, beside those that systemd brings. */
export const GENERATORS: readonly Generator[] = [quadlet];

/** What units of services that leave may have left behind, beside objects: each is called once for a user or the host. */
export const LEFTOVERS = [removeContainers] as const;

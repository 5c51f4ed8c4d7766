import {
  ContainerdService,
  Directory,
  DockerDaemon,
  DockerImage,
  DockerNetwork,
  DockerService,
  DockerVolume,
  type Host,
  Image,
  IncusInstance,
  LxdInstance,
  MachineImage,
  Network,
  NspawnMachine,
  PodmanNetwork,
  PodmanService,
  PodmanVolume,
  PortableService,
  Secret,
  SystemdNetdev,
  SystemdService,
  User,
} from 'bulkhead';
import type { KindName } from '../../lib/manifest';
import { startDocker, stopDocker } from './docker/daemon';
import { describeHost, inventory } from './host';
import { images } from './synth';
import { type KindCase, testKinds } from './test-kinds';

jest.setTimeout(300_000);

const image = () => Image.ociArchive(images().ociArchive);

/** Cases of one engine of instances, whose command is `client`. */
const instances = (client: string, type: typeof IncusInstance | typeof LxdInstance, name: string) => {
  const make = (host: Host) => void new type(host, name, { image: image(), stopTimeout: '1s' });
  const engine = { incus: 'incus', lxc: 'lxd' }[client];
  const empty = `cd "$(mktemp -d)"; mkdir rootfs`;
  const upload = (metadata: string) => `${empty}
    printf '${metadata}' "$1" > metadata.yaml; tar -cf image.tar metadata.yaml rootfs; ${client} image import image.tar >/dev/null`;
  const theirs = upload('architecture: x86_64\\ncreation_date: 1\\nproperties: {bulkhead: "%s"}\\n');
  const fingerprint = `${client} image list -f csv -c F bulkhead="$1"`;
  return {
    instance: {
      make,
      break: `${client} config set "$1" limits.processes 77`,
      seen: new RegExp(`^make ${engine}-instance:${name}: differs in limits.processes$`),
      foreign: {
        make: `${client} storage create t-theirs dir >/dev/null; ${client} init --empty --storage t-theirs "$1" 2>/dev/null`,
        tell: `${client} config get "$1" volatile.uuid`,
        remove: `${client} delete "$1"; ${client} storage delete t-theirs`,
      },
    },
    image: {
      make,
      break: `${client} image delete $(${fingerprint})`,
      seen: new RegExp(`^load ${engine}-image:[0-9a-f]{64}: is missing$`),
      foreign: { make: theirs, tell: fingerprint, remove: `${client} image delete $(${fingerprint})` },
    },
    pool: {
      make,
      break: `systemctl stop ${name}; ${client} delete ${name}; ${client} storage delete "$1"`,
      seen: new RegExp(`^prepare ${engine}-pool:bulkhead: is missing$`),
      foreign: {
        make: `mkdir /srv/t-pool; ${client} storage create "$1" dir source=/srv/t-pool >/dev/null`,
        tell: `${client} storage get "$1" source`,
        remove: `${client} storage delete "$1" >/dev/null; rm -r /srv/t-pool`,
      },
    },
  } as const satisfies Record<string, KindCase>;
};

function withSecret(host: Host): void {
  const secrets = [new Secret(host, 't-token', { generate: {} })];
  new SystemdService(host, 't-secret', { command: ['sleep', '1000'], secrets });
}

const incus = instances('incus', IncusInstance, 't-incus');
const lxd = instances('lxc', LxdInstance, 't-lxd');

// A subnet is nothing that is made; plans alone look at one.
const CASES: Readonly<Record<Exclude<KindName, 'subnet'>, KindCase>> = {
  'nft-table': {
    make: (host) => new Network(host, 't-rules'),
    break: 'nft delete table inet "$1"',
    seen: /^restart .*: nft-table:bulkhead-t-rules is missing$/,
    foreign: {
      make: 'nft add table inet "$1" "{ comment \\"theirs\\"; }"',
      tell: 'nft list table inet "$1"',
      remove: 'nft delete table inet "$1"',
    },
  },
  'network-namespace': {
    make: (host) =>
      new SystemdService(host, 't-joined', { command: ['/usr/bin/sleep', 'infinity'], network: host.network }),
    break: 'ip netns delete "$1"',
    seen: /^restart .*: network-namespace:bh-t-joined is missing$/,
    foreign: {
      make: 'ip netns add "$1"',
      tell: 'stat -L -c %i "/run/netns/$1"',
      remove: 'ip netns delete "$1"',
    },
  },
  directory: {
    make: (host) => new Directory(host, 't-dir', { path: '/srv/t-dir/data', mode: '0750' }),
    break: 'chmod 0777 "$1"',
    seen: /^load directory:\/srv\/t-dir\/data: mode is 0777, expected 0750$/,
    foreign: {
      make: 'mkdir -p "$1"; echo theirs > "$1/file"',
      tell: 'cat "$1/file"; stat -c %a "$1"',
      remove: 'rm -r /srv/t-dir',
    },
  },
  interface: {
    make: (host) => new SystemdNetdev(host, 't-br0', { directives: { NetDev: { Name: 't-br0', Kind: 'bridge' } } }),
    break: 'ip link delete "$1"',
    seen: /^restart .*: interface:t-br0 is missing$/,
    foreign: {
      make: 'ip link add "$1" type bridge',
      tell: 'ip -o link show "$1"',
      remove: 'ip link delete "$1"',
    },
  },
  'podman-network': {
    make: (host) => new PodmanNetwork(host, 't-net'),
    break: 'podman network rm "$1"',
    seen: /^restart .*: podman-network:t-net is missing$/,
    foreign: {
      make: 'podman network create "$1"',
      tell: 'podman network inspect -f "{{.ID}}" "$1"',
      remove: 'podman network rm "$1"',
    },
  },
  'podman-volume': {
    make: (host) => new PodmanVolume(host, 't-data', { removalPolicy: 'destroy' }),
    break: 'podman volume rm "$1"',
    seen: /^restart .*: podman-volume:t-data is missing$/,
    foreign: {
      make: 'podman volume create "$1"; echo theirs > "$(podman volume inspect -f "{{.Mountpoint}}" "$1")/file"',
      tell: 'cat "$(podman volume inspect -f "{{.Mountpoint}}" "$1")/file"',
      remove: 'podman volume rm "$1"',
    },
  },
  'podman-image': {
    make: (host) => new PodmanService(host, 't-box', { image: image(), stopTimeout: '1s' }),
    break: 'systemctl stop t-box; podman image rm "$1"',
    seen: /^load podman-image:localhost\/t-box:.*: is missing$/,
    foreign: {
      make: 'tar -c --files-from /dev/null | podman import - "$1"',
      tell: 'podman image inspect -f "{{.Id}}" "$1"',
      remove: 'podman image rm "$1"',
    },
  },
  'containerd-image': {
    make: (host) => new ContainerdService(host, 't-task', { image: image(), stopTimeout: '1s' }),
    break: 'systemctl stop t-task; ctr -n bulkhead images rm --sync "$1"',
    seen: /^load containerd-image:localhost\/t-task:.*: is missing$/,
    foreign: {
      make: `cd "$(mktemp -d)"; printf '{}' > config.json
        printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":[]}]' "$1" > manifest.json
        tar -c manifest.json config.json | ctr -n bulkhead images import --no-unpack --all-platforms - 2>&1`,
      tell: 'ctr -n bulkhead images ls name=="$1"',
      remove: 'ctr -n bulkhead images rm --sync "$1"',
    },
  },
  'docker-container': {
    make: (host) => new DockerService(host, 't-dock', { image: image(), stopTimeout: '1s', memory: '64M' }),
    break: 'docker update --memory 32m --memory-swap 32m "$1"',
    seen: /^make docker-container:t-dock-.*: differs in HostConfig.Memory, HostConfig.MemorySwap$/,
    foreign: {
      make: 'tar -c --files-from /dev/null | docker import - t-theirs:1; docker create --name "$1" t-theirs:1 /true',
      tell: 'docker inspect -f "{{.Id}}" "$1"',
      remove: 'docker rm "$1"; docker rmi t-theirs:1',
    },
  },
  'docker-network': {
    make: (host) => new DockerNetwork(host, 't-dock-net', { internal: true }),
    break: 'docker network rm "$1"',
    seen: /^prepare docker-network:t-dock-net-.*: is missing$/,
    foreign: {
      make: 'docker network create "$1"',
      tell: 'docker network inspect -f "{{.Id}}" "$1"',
      remove: 'docker network rm "$1"',
    },
  },
  'docker-volume': {
    make: (host) => new DockerVolume(host, 't-dock-data', { removalPolicy: 'destroy' }),
    break: 'docker volume rm "$1"',
    seen: /^prepare docker-volume:t-dock-data: is missing$/,
    foreign: {
      make: 'docker volume create "$1"; echo theirs > "$(docker volume inspect -f "{{.Mountpoint}}" "$1")/file"',
      tell: 'cat "$(docker volume inspect -f "{{.Mountpoint}}" "$1")/file"',
      remove: 'docker volume rm "$1"',
    },
  },
  'docker-runtime': {
    make: (host) => new DockerDaemon(host, 't-docker'),
    break: 'rm /etc/docker/daemon.json',
    seen: /^make docker-runtime:bulkhead: is missing$/,
    foreign: {
      make: 'echo "{\\"debug\\":false,\\"runtimes\\":{\\"$1\\":{\\"path\\":\\"/usr/bin/runc\\"}}}" > /etc/docker/daemon.json',
      tell: 'cat /etc/docker/daemon.json',
      remove: 'rm /etc/docker/daemon.json',
    },
  },
  'docker-image': {
    make: (host) => new DockerImage(host, 't-dock-image', { image: image() }),
    break: 'docker image rm "$1"',
    seen: /^load docker-image:localhost\/t-dock-image-.*: is missing$/,
    foreign: {
      make: 'tar -c --files-from /dev/null | docker import - "$1"',
      tell: 'docker image inspect -f "{{.Id}}" "$1"',
      remove: 'docker image rm "$1"',
    },
  },
  'machine-root': {
    make: (host) => new NspawnMachine(host, 't-machine', { image: image(), stopTimeout: '1s' }),
    break: 'systemctl stop t-machine; rm -rf --one-file-system "$1"',
    seen: /^place machine-root:\/var\/lib\/machines\/t-machine: is missing$/,
    foreign: { make: 'mkdir "$1"; echo theirs > "$1/file"', tell: 'cat "$1/file"', remove: 'rm -r "$1"' },
  },
  'machine-image': {
    make: (host) => {
      const base = new MachineImage(host, 't-base', { image: image() });
      const props = { image: base, readOnlyRoot: true, network: 'none', stopTimeout: '1s' } as const;
      for (const id of ['t-one', 't-two']) new NspawnMachine(host, id, { ...props, command: ['/bin/sleep', '1000'] });
    },
    break: 'chattr -i "/var/lib/machines/$1"',
    seen: /^make machine-image:t-base: is not read-only$/,
    foreign: {
      make: 'mkdir "/var/lib/machines/$1"; echo theirs > "/var/lib/machines/$1/file"',
      tell: 'cat "/var/lib/machines/$1/file"; machinectl show-image -P ReadOnly "$1"',
      remove: 'machinectl remove "$1"',
    },
  },
  'image-root': {
    make: (host) => new SystemdService(host, 't-image', { image: image(), command: ['sleep', '1000'] }),
    break: 'rm -r "/var/lib/bulkhead/images/$1"',
    seen: /^load image-root:.*: is missing$/,
    foreign: {
      make: 'mkdir -p "/var/lib/bulkhead/images/$1"; echo theirs > "/var/lib/bulkhead/images/$1/file"',
      tell: 'cat "/var/lib/bulkhead/images/$1/file"',
      remove: 'rm -r /var/lib/bulkhead/images; rmdir --ignore-fail-on-non-empty /var/lib/bulkhead',
    },
  },
  'incus-instance': incus.instance,
  'incus-image': incus.image,
  'incus-pool': incus.pool,
  'lxd-instance': lxd.instance,
  'lxd-image': lxd.image,
  'lxd-pool': lxd.pool,
  link: {
    make: (host) =>
      new PortableService(host, 't-portable', { image: image(), command: ['sleep', '1000'], network: 'none' }),
    break: 'rm "$1"',
    seen: /^load link:.*: is missing$/,
    foreign: {
      make: 'mkdir -p "$1"; echo theirs > "$1/file"',
      tell: 'cat "$1/file"',
      remove: 'rm -r "$1"; rmdir -p --ignore-fail-on-non-empty "${1%/*}"',
    },
  },
  secret: {
    make: withSecret,
    break: 'echo other > "/var/lib/bulkhead-secrets/values/$1"',
    seen: /^load secret:t-secret\/t-token: was changed on the host$/,
    foreign: {
      make: 'mkdir -p "/var/lib/bulkhead-secrets/values/${1%/*}"; echo theirs > "/var/lib/bulkhead-secrets/values/$1"',
      tell: 'cat "/var/lib/bulkhead-secrets/values/$1"',
      remove: 'rm -r /var/lib/bulkhead-secrets',
    },
  },
  'generated-secret': {
    make: withSecret,
    break: 'rm "/var/lib/bulkhead-secrets/generated/$1"',
    seen: /^load generated-secret:t-token.kind-generated-secret: is missing$/,
    foreign: {
      make: 'mkdir -p /var/lib/bulkhead-secrets/generated; echo theirs > "/var/lib/bulkhead-secrets/generated/$1"',
      tell: 'cat "/var/lib/bulkhead-secrets/generated/$1"',
      remove: 'rm -r /var/lib/bulkhead-secrets',
    },
  },
  user: {
    make: (host) => new User(host, 't-user'),
    break: 'loginctl disable-linger "$1"',
    seen: /^prepare user:t-user: does not linger/,
    foreign: { make: 'useradd --system "$1"', tell: 'getent passwd "$1"', remove: 'userdel "$1"' },
  },
};

describeHost('kinds of objects', () => {
  let before: string;
  beforeAll(async () => {
    await startDocker();
    before = await inventory();
  });
  afterAll(stopDocker);
  testKinds(CASES, () => before);
});

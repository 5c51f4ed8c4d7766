import type { ContainerConfig } from '@cdktf/provider-docker/lib/container';
import { Token } from '../cdktf';
import type { DockerContainer, Limits } from './container';

const MEBIBYTE = 1024 * 1024;

/** A container for Terraform's docker provider. The provider creates it, and only its unit starts it. */
export function containerResource(name: string, container: DockerContainer, { Memory }: Limits): ContainerConfig {
  const { HostConfig: host, NetworkingConfig } = container;
  const memory = Memory / MEBIBYTE;
  return {
    name,
    image: container.Image,
    hostname: container.Hostname,
    env: [...container.Env],
    ...(container.Entrypoint ? { entrypoint: [...container.Entrypoint] } : {}),
    ...(container.Cmd ? { command: [...container.Cmd] } : {}),
    ...(container.WorkingDir ? { workingDir: container.WorkingDir } : {}),
    ...(container.User ? { user: container.User } : {}),
    labels: Object.entries(container.Labels).map(([label, value]) => ({ label, value })),
    ...(container.StopSignal ? { stopSignal: container.StopSignal } : {}),
    // Without destroyGraceSeconds, the provider kills a container that it replaces at once.
    stopTimeout: container.StopTimeout,
    destroyGraceSeconds: container.StopTimeout,
    // With mustRun, the provider deletes a container that it finds stopped.
    mustRun: false,
    start: false,
    restart: 'no',
    ...(NetworkingConfig ? { networksAdvanced: endpoints(NetworkingConfig) } : { networkMode: host.NetworkMode }),
    ...(host.Runtime ? { runtime: host.Runtime } : {}),
    volumes: host.Binds.map(volume),
    tmpfs: { ...host.Tmpfs },
    devices: host.Devices.map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      hostPath: PathOnHost,
      containerPath: PathInContainer,
      permissions: CgroupPermissions,
    })),
    ports: ports(host.PortBindings),
    capabilities: { add: [...host.CapAdd], drop: [...host.CapDrop] },
    securityOpts: [...host.SecurityOpt],
    ...(host.GroupAdd.length > 0 ? { groupAdd: [...host.GroupAdd] } : {}),
    ...(host.Ulimits
      ? { ulimit: host.Ulimits.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })) }
      : {}),
    ...(host.ShmSize === undefined ? {} : { shmSize: host.ShmSize / MEBIBYTE }),
    readOnly: host.ReadonlyRootfs,
    logDriver: host.LogConfig.Type,
    ...(Memory > 0 ? { memory, memorySwap: memory } : {}),
    ...(host.NanoCpus > 0 ? { cpus: String(host.NanoCpus / 1e9) } : {}),
    // The provider does not see the ports of a stopped container. New ports change the container's name, so ignoring
    // them here loses nothing.
    lifecycle: { createBeforeDestroy: true, ignoreChanges: ['ports'] },
  };
}

/** Whether the provider can express an amount of memory. */
export function isWholeMebibytes(bytes: number): boolean {
  return bytes % MEBIBYTE === 0;
}

function endpoints({ EndpointsConfig }: NonNullable<DockerContainer['NetworkingConfig']>) {
  return Object.entries(EndpointsConfig).map(([name, { Aliases }]) => ({ name, aliases: [...Aliases] }));
}

function volume(bind: string) {
  const [source = '', containerPath = '', mode] = bind.split(':');
  const from = source.startsWith('/') ? { hostPath: source } : { volumeName: source };
  return { ...from, containerPath, readOnly: mode === 'ro' };
}

function ports(bindings: DockerContainer['HostConfig']['PortBindings']) {
  return Object.entries(bindings).flatMap(([port, hosts]) => {
    const [internal, protocol] = port.split('/');
    return hosts.map(({ HostIp: ip, HostPort }) => ({
      internal: Number(internal),
      external: Token.isUnresolved(HostPort) ? Token.asNumber(HostPort) : Number(HostPort),
      ip,
      ...(protocol === undefined ? {} : { protocol }),
    }));
  });
}

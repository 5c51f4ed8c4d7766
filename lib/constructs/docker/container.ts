import { createHash } from 'node:crypto';
import { hasToken, TOKEN } from '../../rendering/tokens';
import { Fn, Token } from '../cdktf';

/** The definition of a docker container, in the words of the Docker Engine API. */
export interface DockerContainer {
  readonly Image: string;
  readonly Hostname: string;
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly StopTimeout: number;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly HostConfig: DockerHostConfig;
  /** The network of the container, and the container's names there. Not set: docker's bridge. */
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, { readonly Aliases: string[] }>> };
}

/**
 * What a container gets of its host. Settings that would open the container are listed too, so that the engine sees it
 * when docker changes one of them.
 */
export interface DockerHostConfig {
  readonly NetworkMode: string;
  readonly Runtime?: string;
  readonly Binds: readonly string[];
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly Devices: readonly DockerDevice[];
  readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly ReadonlyRootfs: boolean;
  readonly GroupAdd: readonly string[];
  /** Not set: docker's default limits. */
  readonly Ulimits?: readonly DockerUlimit[];
  /** Bytes. Not set: docker's default, 64 MiB. */
  readonly ShmSize?: number;
  readonly NanoCpus: number;
  readonly LogConfig: { readonly Type: string };
  readonly Privileged: false;
  readonly PublishAllPorts: false;
  readonly AutoRemove: false;
  readonly PidMode: '';
  readonly UTSMode: '';
  readonly VolumesFrom: readonly never[];
  readonly Mounts: readonly never[];
  readonly DeviceRequests: readonly never[];
  readonly DeviceCgroupRules: readonly never[];
  readonly ExtraHosts: readonly never[];
}

/** A device node of the host in a container. */
export interface DockerDevice {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** A resource limit of the processes in a container. -1 means no limit. */
export interface DockerUlimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** The part of a container's HostConfig that can change in place. */
export interface Limits {
  /** Bytes. 0 means no limit. */
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly PidsLimit: number;
  readonly RestartPolicy: { readonly Name: 'no' };
}

/** Text that changes whenever the definition of a container changes. */
export function revisionOf(container: DockerContainer): string {
  const text = JSON.stringify(container);
  const digest = createHash('sha256').update(text.replaceAll(TOKEN, '')).digest('hex');
  if (!hasToken(text)) return digest.slice(0, 12);
  const values = [digest, ...(text.match(TOKEN) ?? [])];
  return Token.asString(Fn.substr(Fn.sha256(Fn.join('\n', values)), 0, 12));
}

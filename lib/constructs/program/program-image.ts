import { posix } from 'node:path';
import type { ServiceSection, Signal } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import { checkPulledCommand } from '../props/command';
import type { Image } from '../props/image';
import { type ImageRoot, imageRoot } from '../props/image-root';
import type { ImageConfig } from '../props/oci-archive';
import type { Volume } from '../props/volumes';
import type { ProgramProps } from './program-props';

/** The image that a program of systemd is in. */
export interface ProgramImage {
  readonly root: ImageRoot;
  /** Paths that the service mounts something on. */
  readonly mountPoints: readonly string[];
  /** What it runs by default; undefined where it does not say. */
  readonly command: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Defaults for [Service]. */
  readonly directives: ServiceSection;
}

/** The image of a service. @throws Error */
export function programImage(
  image: Image,
  {
    command,
    args,
    stateDirectory,
    stopSignal,
  }: Pick<ProgramProps, 'command' | 'args' | 'stateDirectory' | 'stopSignal'>,
  volumes: readonly Volume[],
  at: string,
): ProgramImage {
  const mounted = volumes.map(({ target }) => target);
  const state = stateDirectory === undefined ? [] : [`/var/lib/${stateDirectory}`];
  const mountPoints = [...mounted, ...state];
  const found = imageRoot(image, mountPoints, `${at}.image`);
  checkPulledCommand(image, command, at);
  const { config } = found;
  return {
    root: found,
    mountPoints,
    command: config && commandOf(config, args),
    environment: config?.environment ?? {},
    directives: directivesOf(config && { ...config, stopSignal: stopSignal ?? config.stopSignal }),
  };
}

// Where systemd looks for a program has nothing to do with the directory that it runs in.
function commandOf({ entrypoint, command, workingDirectory = '/' }: ImageConfig, args: unknown): string[] | undefined {
  const [program, ...words] = [...entrypoint, ...(args ? [] : command)];
  if (program === undefined) return undefined;
  return [program.includes('/') ? posix.resolve(workingDirectory, program) : program, ...words];
}

/** Files of the host that a program in an image sees as well, unless it mounts something else there. */
export function filesOfHost({ mode }: NetworkAccess, volumes: readonly Volume[]): string[] {
  const files = mode === 'host' ? ['/etc/resolv.conf', '/etc/hosts'] : [];
  return files.filter((path) => !volumes.some(({ target }) => target === path));
}

function directivesOf(config: ImageConfig | undefined): ServiceSection {
  const { workingDirectory, stopSignal, environment } = config ?? {};
  const signal = stopSignal === 'SIGKILL' ? undefined : stopSignal;
  return {
    ...(workingDirectory === undefined ? {} : { WorkingDirectory: workingDirectory }),
    ...(environment?.PATH === undefined
      ? {}
      : { ExecSearchPath: environment.PATH.split(':').filter((path) => path.startsWith('/')) }),
    ...(signal === undefined ? {} : { KillSignal: signal as ServiceSection['KillSignal'] }),
    // What a shell ends with that was asked to stop, and a program that does not handle the signal of its image.
    SuccessExitStatus: [143, ...(typeof signal === 'string' ? [signal as Signal] : [])],
    // Its home directories are the image's own.
    ProtectHome: false,
  };
}

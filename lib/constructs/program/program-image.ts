import { posix } from 'node:path';
import type { ServiceSection, Signal } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import { checkPulledCommand } from '../props/command';
import type { Image } from '../props/image';
import { type ImageRoot, imageRoot } from '../props/image-root';
import type { ImageConfig } from '../props/oci-archive';
import type { Volume } from '../props/volumes';
import { directoryMountPoints, type ProgramDirectoriesProps } from './program-directories';
import type { ProgramProps } from './program-props';

/** The image in which systemd runs a program. */
export interface ProgramImage {
  readonly root: ImageRoot;
  /** Paths on which the service mounts something. */
  readonly mountPoints: readonly string[];
  /** Default command of the image. Undefined when the image has none. */
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
    stopSignal,
    ...directories
  }: Pick<ProgramProps, 'command' | 'args' | 'stopSignal'> & ProgramDirectoriesProps,
  volumes: readonly Volume[],
  at: string,
): ProgramImage {
  const mounted = volumes.map(({ target }) => target);
  const mountPoints = [...mounted, ...directoryMountPoints(directories)];
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

// systemd does not look for a program in the working directory, so a relative path is resolved here.
function commandOf({ entrypoint, command, workingDirectory = '/' }: ImageConfig, args: unknown): string[] | undefined {
  const [program, ...words] = [...entrypoint, ...(args ? [] : command)];
  if (program === undefined) return undefined;
  return [program.includes('/') ? posix.resolve(workingDirectory, program) : program, ...words];
}

/** Files of the host that a program in an image also sees, unless the service mounts something else there. */
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
    // A shell that is asked to stop ends with 143. A program that does not handle its stop signal ends by that signal.
    SuccessExitStatus: [143, ...(typeof signal === 'string' ? [signal as Signal] : [])],
    // The home directories are the image's own.
    ProtectHome: false,
  };
}

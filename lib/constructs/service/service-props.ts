import type { IConstruct } from 'constructs';
import { fail } from '../problem';
import type { EnvironmentProp } from '../props/environment';
import type { KnownProps } from '../props/known-props';
import type { PortProp } from '../props/ports';
import type { Memory } from '../props/quantities';
import type { VolumeProp } from '../props/volumes';

/** Props of every construct that is deployed to a host. */
export interface ManagedProps {
  /**
   * Name on the host: letters, digits, `_`, `.` and `-`. Each name can be used only once per host.
   * @default - the construct ids below the host, joined by `-`
   */
  readonly name?: string;
  /**
   * Takes over files and units of the same name that already exist on the host. Their old content is lost. Without it,
   * such files and units are never touched, and the plan is refused.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * Constructs that must be on the host first: services, or any construct, which stands for all services in it. Becomes
   * `depends_on` in Terraform. For services of the same host, it also becomes After= and Wants=, so that the order
   * holds at boot too. If a dependency fails or restarts at run time, this service keeps running. If a change of a
   * dependency fails, this service is not changed, on whichever host it is.
   * @default - none
   */
  readonly dependsOn?: readonly IConstruct[];
  /**
   * Whether a failed change is undone. A change fails if the service does not start, stops too early, or does not become
   * healthy, or if a job fails. Then the previous version runs again, with its files and its image. If the same apply changed a
   * {@link ConfigFile} or an image for the service, that goes back too, and so do other changed services that use it.
   * Volumes stay as they are, and no job runs again. The apply fails and shows the cause, and the next plan shows the
   * change again. A first deploy has no previous version. With `false`, the failed version stays.
   * @default true
   */
  readonly rollback?: boolean;
  /**
   * How many previous versions the host keeps, with their files and images, for `bulkhead rollback`: 0 to 20. With 0, a
   * failed change is still undone, but nothing is kept once the new version runs.
   * @default 1
   */
  readonly generations?: number;
}

/** Props of every service, whatever runs it. */
export interface ServiceProps extends ManagedProps {
  /**
   * Environment variables. Values are literal: nothing in them is expanded. Becomes Environment=, or the counterpart of
   * the runtime. Do not set the value of a secret here, since systemd and podman show variables to every user of the
   * host.
   *
   * A {@link Secret} stands for the path of its file, as in `{ POSTGRES_PASSWORD_FILE: password }`. It must also be in
   * `secrets`. For a program that can't read files, see {@link Secret.asValue}.
   * @default - none
   */
  readonly environment?: EnvironmentProp;
  /**
   * Absolute path of the directory to run in. Becomes WorkingDirectory=, or the counterpart of the runtime.
   * @default - `/`, or the working directory of the image
   */
  readonly workingDirectory?: string;
  /**
   * Ports of the host that lead to the service. `'8080:80'` is port 8080 of the host and port 80 of the service, `8080` is
   * the same port on both sides, and `'127.0.0.1:8080:80/udp'` adds an address and a protocol. See {@link PortShort} and
   * {@link PortMapping}. Two services of a host can't use the same port. Services on the same network need none: see
   * `expose`.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Files and directories of the host that the service sees, as `SOURCE:TARGET`, such as
   * `['/srv/data:/data', '/etc/app:/etc/app:ro']`. The service can write to them unless `:ro` is appended. A directory that
   * is missing is created. A {@link ConfigFile}, {@link ConfigDirectory} or {@link Directory} is the `source` of a
   * {@link VolumeMapping}.
   * @default - none
   */
  readonly volumes?: readonly VolumeProp[];
  /**
   * Memory limit: bytes, or a number with a suffix of base 1024 such as `'512M'`. A service that needs more is killed.
   * Becomes MemoryMax=.
   * @default - no limit
   */
  readonly memory?: Memory;
  /**
   * CPU limit in CPUs, at least 0.01: 1.5 is one and a half. Becomes CPUQuota=.
   * @default - no limit
   */
  readonly cpu?: number;
  /**
   * Largest number of processes and threads, at least 1. Becomes TasksMax=.
   * @default - systemd's DefaultTasksMax=, usually 15 % of the host's limit
   */
  readonly tasks?: number;
  /**
   * Text in `systemctl status`. Becomes Description=.
   * @default - the name on the host
   */
  readonly description?: string;
}

export const MANAGED_PROPS: KnownProps<ManagedProps> = {
  name: true,
  adopt: true,
  dependsOn: 'list',
  rollback: true,
  generations: true,
};

export const SERVICE_PROPS: KnownProps<ServiceProps> = {
  ...MANAGED_PROPS,
  environment: true,
  workingDirectory: true,
  ports: 'list',
  volumes: 'list',
  memory: true,
  cpu: true,
  tasks: true,
  description: true,
};

/** The most versions of a service that a host keeps. */
const MOST_GENERATIONS = 20;

/** @throws Error */
export function checkGenerations({ generations, rollback }: ManagedProps, at: string): void {
  if (
    generations !== undefined &&
    !(Number.isInteger(generations) && generations >= 0 && generations <= MOST_GENERATIONS)
  )
    fail({
      action: 'keep generations',
      value: generations,
      problem: 'is not a number of versions',
      expected: `a whole number from 0 to ${MOST_GENERATIONS}`,
      at: `${at}.generations`,
    });
  if (rollback !== undefined && typeof rollback !== 'boolean')
    fail({
      action: 'set rollback to',
      value: rollback,
      problem: 'is not a boolean',
      expected: 'true or false',
      at: `${at}.rollback`,
    });
}

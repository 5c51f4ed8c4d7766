import type { InstallSection, Raw, ServiceSection, UnitSection } from '../../directives/index';
import { fail } from '../problem';
import type { UserNumbers } from '../props/container-image';
import type { DirectiveSet } from '../props/directive-set';
import { type EnvironmentProp, environmentOf, type SecretPaths } from '../props/environment';
import {
  type GivenSecrets,
  givenSecrets,
  type LoadedSecrets,
  loadedSecrets,
  type MountedSecrets,
  mountedSecrets,
  NO_SECRETS,
  type SecretsProps,
} from './given-secrets';
import { type Parts, Service } from './service';
import type { ServiceProps } from './service-props';
import type { UnitLife } from './unit-life';

const isYes = (value: unknown) => value === true || ['yes', 'true', 'on', '1'].includes(String(value));

/** Sections in the files of every {@link Workload}. Each runtime adds its own sections. */
export type WorkloadDirectives = {
  readonly Unit?: UnitSection;
  readonly Service?: ServiceSection;
  readonly Install?: InstallSection;
};

/**
 * A service that runs programs. Code outside of the class can read the directives that its props became, and can add
 * others, for example in an aspect: `Aspects.of(stack).add({ visit(node) { if (node instanceof Workload) ... } })`.
 */
export abstract class Workload<Sections extends WorkloadDirectives = WorkloadDirectives> extends Service {
  /** Section with the environment of the programs. Undefined when a file of another format has the environment. */
  protected abstract readonly environmentSection: string | undefined;
  /** The directives, by section. */
  protected abstract get sections(): Readonly<Record<string, DirectiveSet>>;

  private given: GivenSecrets = NO_SECRETS;
  private secretPaths: SecretPaths | undefined;

  /** @internal Values of its secrets that only Terraform knows, by names of secrets. */
  get secretValues(): Readonly<Record<string, string>> {
    return this.given.values;
  }

  /**
   * Gives the secrets of its props to a container or machine, as files of the user that reads them.
   * @param environment Variables, if podman sets those that have values of secrets.
   * @throws Error
   */
  protected mountSecrets(
    { secrets = [] }: SecretsProps,
    reader: UserNumbers | undefined,
    environment?: EnvironmentProp,
  ): MountedSecrets {
    this.given = givenSecrets(this, secrets, reader, environment, 'podman');
    const mounted = mountedSecrets(this.given);
    this.secretPaths = mounted.paths;
    return mounted;
  }

  /** Gives the secrets of its props to a program of systemd, which reads them as root. @throws Error */
  protected loadSecrets({
    secrets = [],
    environment,
  }: SecretsProps & Pick<ServiceProps, 'environment'>): LoadedSecrets {
    this.given = givenSecrets(this, secrets, { uid: 0, gid: 0 }, environment);
    const loaded = loadedSecrets(this.given);
    this.secretPaths = loaded.paths;
    return loaded;
  }

  /** Name of the unit that restarts when a secret changes. */
  protected get readsSecrets(): string | undefined {
    return this.unitName;
  }

  protected override withSecrets(parts: Parts): Parts {
    const { objects, keys, requires } = this.given;
    const { readsSecrets: name = '' } = this;
    const unit = parts.units?.[name];
    if (keys.length === 0) return parts;
    const reading = unit && { [name]: { ...unit, restartOn: [...unit.restartOn, ...keys] } };
    return {
      ...parts,
      objects: { ...parts.objects, ...objects },
      requires: { ...parts.requires, ...requires },
      units: { ...parts.units, ...reading },
    };
  }

  /** @internal */
  override get life(): UnitLife {
    const life = super.life;
    const service = this.sections.Service;
    // A unit that ended and stays active (RemainAfterExit=) is treated as a program.
    const ends = service?.get('Service', 'Type') === 'oneshot' && !isYes(service.get('Service', 'RemainAfterExit'));
    if (!ends) return life;
    return life === 'program' ? 'job' : 'triggered run';
  }

  protected override get isProbed(): boolean {
    const container = this.sections.Container?.get('Container', 'Notify');
    return super.isProbed || container === 'healthy';
  }

  protected override get reloads(): boolean | undefined {
    if (this.life !== 'program' && this.life !== 'triggered program') return undefined;
    const { Service: service, Container: container } = this.sections;
    const how = [
      service?.get('Service', 'ExecReload'),
      container?.get('Container', 'ReloadCmd'),
      container?.get('Container', 'ReloadSignal'),
    ];
    return how.some((value) => value !== undefined);
  }

  protected override adapt(): void {
    // WantedBy= of the class's defaults would start the unit at boot.
    if (this.life !== 'program') this.sections.Install?.withoutDefaults('Install');
  }

  /**
   * The value of a directive, set by a prop, by hand or by default: `directive('Service', 'MemoryMax')`.
   * @param section Section of the directive, such as `'Service'`.
   * @param key Name of the directive, as in the man page.
   * @returns undefined when the directive is not set
   */
  directive<S extends keyof Sections & string, K extends keyof NonNullable<Sections[S]>>(
    section: S,
    key: K,
  ): NonNullable<Sections[S]>[K] | undefined {
    const value = this.sections[section]?.get(section, String(key));
    return value as NonNullable<Sections[S]>[K] | undefined;
  }

  /**
   * Adds directives under the names of the man page. A directive replaces a default of the class. Variables
   * (`Environment`, `Label`, `Annotation`) are added to the variables that are set already.
   * @throws Error for a key or a variable that has another value already, and for a section that the service's files do
   * not have
   */
  addDirectives(directives: Sections): this {
    for (const [section, keys] of Object.entries(directives)) {
      const set = this.sections[section];
      if (!set)
        fail({
          action: 'add directives to',
          value: section,
          problem: 'its files have no such section',
          expected: `one of ${Object.keys(this.sections).join(', ')}`,
          at: this.node.path,
        });
      for (const [key, value] of Object.entries(keys ?? {})) set.add('addDirectives', section, key, value);
    }
    this.changed();
    return this;
  }

  /**
   * Adds environment variables. A {@link Secret} of the service stands for the path of its file. This works for every
   * runtime, except for {@link PodmanKube}, whose YAML sets the variables.
   * @throws Error for a variable that has another value already, and for a secret that the service does not have
   */
  addEnvironment(variables: EnvironmentProp): this {
    const at = this.node.path;
    const Environment = environmentOf<string | Raw>(variables, at, this.secretPaths);
    const section = this.environmentSection;
    if (!section)
      return fail({
        action: 'add environment to',
        value: this.serviceName,
        problem: 'its YAML sets the variables of its containers',
        expected: 'the variables in the YAML',
        at,
      });
    return Environment ? this.addDirectives({ [section]: { Environment } } as unknown as Sections) : this;
  }
}

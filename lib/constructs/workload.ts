import type {
  ContainerSection,
  InstallSection,
  NspawnExecSection,
  NspawnFilesSection,
  NspawnNetworkSection,
  PathSection,
  QuadletFile,
  ServiceSection,
  SocketSection,
  TimerSection,
  UnitSection,
} from '../directives';
import { environmentOf } from './common-directives';
import type { DirectiveSet } from './directive-set';
import { fail } from './problem';
import { Service } from './service';
import type { ServiceProps } from './service-props';

/** The sections that the files of a {@link Workload} may have; which it has depends on what runs it. */
export interface WorkloadDirectives {
  readonly Unit?: UnitSection;
  readonly Service?: ServiceSection;
  readonly Install?: InstallSection;
  readonly Container?: ContainerSection;
  readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
  readonly Kube?: NonNullable<QuadletFile['Kube']>;
  readonly Exec?: NspawnExecSection;
  readonly Files?: NspawnFilesSection;
  readonly Network?: NspawnNetworkSection;
  readonly Timer?: TimerSection;
  readonly Path?: PathSection;
  readonly Socket?: SocketSection;
}

/**
 * A service that runs programs. What its props made can be looked at and added to from outside, which is what aspects
 * do: `Aspects.of(stack).add({ visit(node) { if (node instanceof Workload) ... } })`.
 */
export abstract class Workload extends Service {
  /** The section that has the environment of its programs; undefined where a file of another format says it. */
  protected abstract readonly environmentSection: 'Service' | 'Container' | 'Exec' | undefined;
  /** Its directives, by section. */
  protected abstract get sections(): Readonly<Record<string, DirectiveSet>>;

  /**
   * What a directive is set to, by a prop, by hand or by default: `directive('Service', 'MemoryMax')`.
   * @returns undefined where it is not set
   */
  directive<S extends keyof WorkloadDirectives, K extends keyof NonNullable<WorkloadDirectives[S]>>(
    section: S,
    key: K,
  ): NonNullable<WorkloadDirectives[S]>[K] | undefined {
    const value = this.sections[section]?.get(section, String(key));
    return value as NonNullable<WorkloadDirectives[S]>[K] | undefined;
  }

  /**
   * Adds directives, under their own names. Each replaces a default of the class. Variables (`Environment`, `Label`,
   * `Annotation`) come to those that are there.
   * @throws Error for a key, or a variable, that is set to something else already, and for a section that its files
   * do not have
   */
  addDirectives(directives: WorkloadDirectives): this {
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
   * Adds environment variables, whatever runs it.
   * @throws Error for a variable that has another value already
   */
  addEnvironment(variables: NonNullable<ServiceProps['environment']>): this {
    const at = this.node.path;
    const Environment = environmentOf(variables, at);
    const section = this.environmentSection;
    if (!section)
      return fail({
        action: 'add environment to',
        value: this.serviceName,
        problem: 'its YAML says what its containers get',
        expected: 'the variables there',
        at,
      });
    return Environment ? this.addDirectives({ [section]: { Environment } }) : this;
  }
}

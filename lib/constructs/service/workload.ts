import type { InstallSection, ServiceSection, UnitSection } from '../../directives/index';
import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import { type Environment, environmentOf } from '../props/environment';
import { Service } from './service';
import type { UnitLife } from './unit-life';

const isYes = (value: unknown) => value === true || ['yes', 'true', 'on', '1'].includes(String(value));

/** The sections that the files of every {@link Workload} have. Each runtime adds its own. */
export type WorkloadDirectives = {
  readonly Unit?: UnitSection;
  readonly Service?: ServiceSection;
  readonly Install?: InstallSection;
};

/**
 * A service that runs programs. What its props made can be looked at and added to from outside, which is what aspects
 * do: `Aspects.of(stack).add({ visit(node) { if (node instanceof Workload) ... } })`.
 */
export abstract class Workload<Sections extends WorkloadDirectives = WorkloadDirectives> extends Service {
  /** The section that has the environment of its programs; undefined where a file of another format has it. */
  protected abstract readonly environmentSection: string | undefined;
  /** Its directives, by section. */
  protected abstract get sections(): Readonly<Record<string, DirectiveSet>>;

  /** @internal */
  override get life(): UnitLife {
    const life = super.life;
    const service = this.sections.Service;
    // What has ended and remains active is kept as a program is.
    const ends = service?.get('Service', 'Type') === 'oneshot' && !isYes(service.get('Service', 'RemainAfterExit'));
    if (!ends) return life;
    return life === 'program' ? 'job' : 'triggered run';
  }

  protected override get isProbed(): boolean {
    const container = this.sections.Container?.get('Container', 'Notify');
    return super.isProbed || container === 'healthy';
  }

  protected override adapt(): void {
    // Its boot target would start it, too.
    if (this.life !== 'program') this.sections.Install?.withoutDefaults('Install');
  }

  /**
   * What a directive is set to, by a prop, by hand or by default: `directive('Service', 'MemoryMax')`.
   * @returns undefined where it is not set
   */
  directive<S extends keyof Sections & string, K extends keyof NonNullable<Sections[S]>>(
    section: S,
    key: K,
  ): NonNullable<Sections[S]>[K] | undefined {
    const value = this.sections[section]?.get(section, String(key));
    return value as NonNullable<Sections[S]>[K] | undefined;
  }

  /**
   * Adds directives, under their own names. Each replaces a default of the class. Variables (`Environment`, `Label`,
   * `Annotation`) come to those that are there.
   * @throws Error for a key, or a variable, that is set to something else already, and for a section that its files
   * do not have
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
   * Adds environment variables, whatever runs it.
   * @throws Error for a variable that has another value already
   */
  addEnvironment(variables: Environment): this {
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
    return Environment ? this.addDirectives({ [section]: { Environment } } as unknown as Sections) : this;
  }
}

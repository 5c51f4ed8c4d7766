import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { writeFile } from '../../directives/index';
import { type ObjectPart, type Requirement, readAtStart } from '../../manifest/index';
import { tokenEscaper } from '../../rendering/tokens';
import { Token } from '../cdktf';
import { fail } from '../problem';
import { checkSections, DirectiveSet, type Sections } from '../props/directive-set';
import type { KnownProps } from '../props/known-props';
import type { Used } from '../props/used';
import { type Ordering, type Parts, Service } from '../service/service';
import type { ManagedProps } from '../service/service-props';
import { checkUser, type User } from '../user/user';
import { bootTarget, quadletDirectory, quadletOrder, quadletSections } from './quadlet';
import { checkSameUser, type RootlessProps } from './rootless';

/** The first version of podman that has Quadlet. */
export const QUADLET: Requirement = { least: '4.4', why: 'for Quadlet' };

/** The kinds of Quadlet files that others refer to. The kind is also the suffix of the file's name. */
export type PodmanResourceKind = 'network' | 'volume' | 'pod' | 'image' | 'build';

/**
 * Something that containers use and that podman creates before them, written as a Quadlet file. Other Quadlet files
 * refer to it by its file name, and Quadlet orders the units accordingly.
 */
export abstract class PodmanResource extends Service implements Used {
  /** Name of the unit that creates it: `NAME-KIND.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  /** @internal Name of its Quadlet file. Other Quadlet files refer to it by this name. */
  readonly usedAs: string;
  /** Its directives. A subclass fills them in. */
  protected readonly directives: DirectiveSet;
  protected readonly quadletPath: string;
  private readonly sections: readonly string[];

  protected constructor(
    scope: Construct,
    id: string,
    kind: PodmanResourceKind,
    props: ManagedProps & RootlessProps & { readonly directives?: Sections },
    known: KnownProps<ManagedProps & RootlessProps>,
  ) {
    super(scope, id, 'podman', props, known);
    const at = this.node.path;
    this.rootless = this.require(checkUser(props.rootless, this));
    this.unitName = `${this.serviceName}-${kind}.service`;
    this.usedAs = `${this.serviceName}.${kind}`;
    this.quadletPath = `${quadletDirectory(this.rootless)}/${this.usedAs}`;
    this.sections = quadletSections(sectionOf(kind));
    checkSections(props.directives, this.sections, at);
    this.directives = new DirectiveSet(at)
      .defaults('Unit', { Description: `${kind} ${this.serviceName}` })
      // Without this, a resource that no container uses would be missing after a restart of the host.
      .defaults('Install', { WantedBy: bootTarget(this.rootless) });
  }

  /** Text that changes whenever the file changes. Containers that use the resource restart then. */
  get fingerprint(): string {
    const text = writeFile('quadlet', this.directives.file(this.sections), { tokens: tokenEscaper }).text;
    return Token.isUnresolved(text)
      ? text
      : createHash('sha256').update(readAtStart(this.quadletPath, text)).digest('hex');
  }

  /** Objects that it creates in podman's store, by key. */
  protected objects(): Readonly<Record<string, ObjectPart>> {
    return {};
  }

  /** Resources that its file refers to. Quadlet itself orders it after them. */
  protected get referred(): readonly PodmanResource[] {
    return [];
  }

  protected override parts(ordering: Ordering): Parts {
    const order = quadletOrder(ordering, this.rootless, this.referred);
    return {
      natives: { [this.quadletPath]: { format: 'quadlet', sections: this.directives.file(this.sections, order) } },
      objects: this.objects(),
      requires: { podman: QUADLET },
      units: { [this.unitName]: { state: 'active', restartOn: [this.quadletPath] } },
    };
  }
}

function sectionOf(kind: PodmanResourceKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** Checks that a prop holds a podman resource of a class, on the same host and of the same user. @throws Error */
export function checkResource<T extends PodmanResource>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
  user: Service,
  at: string,
): T {
  if (!(value instanceof type))
    return fail({ action: 'use', value, problem: `is not a ${type.name}`, expected: `a ${type.name}`, at });
  const { host, node } = value;
  if (host.address !== user.host.address)
    fail({
      action: 'use',
      value: node.path,
      problem: `is on ${host.node.path}`,
      expected: `a ${type.name} on ${user.host.node.path}, since podman does not reach across hosts`,
      at,
    });
  checkSameUser(value, user, at);
  return value;
}

import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { writeQuadlet } from '../directives';
import { type ObjectPart, readAtStart } from '../manifest';
import { tokenEscaper } from '../rendering/tokens';
import { Token } from './cdktf';
import { checkSections } from './common-directives';
import { DirectiveSet, type Sections } from './directive-set';
import type { KnownProps } from './known-props';
import { fail } from './problem';
import { bootTarget, checkSameUser, quadletDirectory, type RootlessProps } from './rootless';
import { type Ordering, type Parts, Service } from './service';
import type { ManagedProps } from './service-props';
import { checkUser, type User } from './user';

/** The kinds of Quadlet files that others refer to; also the suffixes of their names. */
export type PodmanResourceKind = 'network' | 'volume' | 'pod' | 'image' | 'build';

/**
 * What containers use and podman makes first, written as a Quadlet file: others name it by that file, and Quadlet
 * orders them.
 */
export abstract class PodmanResource extends Service {
  /** Name of the unit that makes it: `NAME-KIND.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  /** @internal Name of its Quadlet file. */
  readonly quadletName: string;
  /** Its directives; a subclass fills them in. */
  protected readonly directives: DirectiveSet;
  private readonly quadletPath: string;
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
    this.rootless = checkUser(props.rootless, this);
    if (this.rootless) this.require(this.rootless);
    this.unitName = `${this.serviceName}-${kind}.service`;
    this.quadletName = `${this.serviceName}.${kind}`;
    this.quadletPath = `${quadletDirectory(this.rootless)}/${this.quadletName}`;
    this.sections = ['Unit', sectionOf(kind), 'Quadlet', 'Service', 'Install'];
    checkSections(props.directives, this.sections, at);
    this.directives = new DirectiveSet(at)
      .defaults('Unit', { Description: `${kind} ${this.serviceName}` })
      // Without it, one that nothing uses would be gone after a restart of the host.
      .defaults('Install', { WantedBy: bootTarget(this.rootless) });
  }

  /** What a container that uses it must restart on: a text that differs when it does. */
  get fingerprint(): string {
    const text = writeQuadlet(this.directives.file(this.sections), { tokens: tokenEscaper });
    return Token.isUnresolved(text)
      ? text
      : createHash('sha256').update(readAtStart(this.quadletPath, text)).digest('hex');
  }

  /** What it makes in podman's store, by key. */
  protected objects(): Readonly<Record<string, ObjectPart>> {
    return {};
  }

  protected override parts(ordering: Ordering): Parts {
    return {
      natives: { [this.quadletPath]: { format: 'quadlet', sections: this.directives.file(this.sections, ordering) } },
      objects: this.objects(),
      requires: { podman: '4.4 for Quadlet' },
      units: { [this.unitName]: { state: 'active', restartOn: [this.quadletPath] } },
    };
  }
}

function sectionOf(kind: PodmanResourceKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** Checks that a prop holds something of podman's, of that class, on the same host and of the same user. @throws Error */
export function checkResource<T extends PodmanResource>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
  user: Service,
  at: string,
): T {
  if (!(value instanceof type))
    return fail({ action: 'use', value, problem: `is no ${type.name}`, expected: `a ${type.name}`, at });
  const { host, node } = value;
  if (host.address !== user.host.address)
    fail({
      action: 'use',
      value: node.path,
      problem: `is on ${host.node.path}`,
      expected: `one on ${user.host.node.path}, since podman does not reach across hosts`,
      at,
    });
  checkSameUser(value, user, at);
  return value;
}

/** The order that Quadlet makes by itself for files that refer to these, left out. */
export function withoutQuadletOrder(ordering: Ordering, resources: readonly PodmanResource[]): Ordering {
  const made = new Set(resources.map(({ unitName }) => unitName));
  return {
    After: ordering.After.filter((unit) => !made.has(unit)),
    Wants: ordering.Wants.filter((unit) => !made.has(unit)),
  };
}

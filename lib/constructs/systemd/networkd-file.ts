import type { Construct } from 'constructs';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { type NativeFile, type Ordering, type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';

/** Props of every file in /etc/systemd/network. */
export interface NetworkdFileProps<T extends object> extends ManagedProps {
  /** Sections of the file with their directives, under the names of the man page. */
  readonly directives: T;
}

/** Kind of a file, which is also its suffix. */
export type NetworkdKind = 'network' | 'netdev' | 'link';

/**
 * A file in /etc/systemd/network. An apply lets systemd-networkd read its files again, also after a file is deleted.
 * systemd-udevd reads its files when it needs them.
 */
export abstract class NetworkdFile<T extends object> extends Service {
  /** Path of the file on the host. */
  readonly path: string;
  private readonly native: NativeFile;

  protected constructor(scope: Construct, id: string, kind: NetworkdKind, props: NetworkdFileProps<T>) {
    const known: KnownProps<NetworkdFileProps<T>> = { ...MANAGED_PROPS, directives: true };
    super(scope, id, 'systemd', props, known);
    const { directives } = props;
    if (typeof directives !== 'object' || directives === null)
      fail({
        action: `write a .${kind} file of`,
        value: directives,
        problem: 'is not an object',
        expected: 'sections such as { Match: { ... } }',
        at: `${this.node.path}.directives`,
      });
    this.path = `/etc/systemd/network/${fileName(this.serviceName, kind, props.name)}`;
    this.native = { format: kind, sections: sectionsOf(directives) };
  }

  protected override parts(_: Ordering): Parts {
    return {
      natives: { [this.path]: this.native },
      requires: this.native.format === 'link' ? {} : { 'systemd-networkd': { why: `for ${this.path}` } },
    };
  }
}

// When several files match an interface, only the first one by name counts. Files of the distribution begin with 80 and
// 99. The default name sorts before them.
function fileName(name: string, kind: NetworkdKind, given: string | undefined): string {
  return `${given === undefined && kind !== 'netdev' ? '10-' : ''}${name}.${kind}`;
}

function sectionsOf(directives: object): Record<string, object> {
  const given: readonly (readonly [string, unknown])[] = Object.entries(directives);
  return Object.fromEntries(given.filter((entry): entry is [string, object] => entry[1] !== undefined));
}

/** Refuses an empty [Match], which matches all interfaces of the host. @throws Error */
export function checkMatch(match: object | undefined, action: string, example: string, at: string): void {
  if (Object.values(match ?? {}).some((value) => value !== undefined)) return;
  fail({
    action,
    value: match,
    problem: 'matches every interface of the host',
    expected: `a [Match] such as ${example}`,
    at: `${at}.directives.Match`,
  });
}

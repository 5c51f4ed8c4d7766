import { Construct, type IConstruct } from 'constructs';
import { AddressError, isSshOption, parseAddress } from '../../manifest/index';
import { BulkheadProvider } from '../../rendering/provider';
import { TOKEN } from '../../rendering/tokens';
import { TerraformStack } from '../cdktf';
import { fail } from '../problem';
import { checkProps, type KnownProps } from '../props/known-props';
import { type Duration, parseDuration } from '../props/quantities';
import { checkSubnet } from '../props/subnet';
import { type CheckedHost, registerHost, validateHost } from './host-checks';
import type { HostedService } from './hosted-service';
import { checkCopy } from './one-copy';
import { projectIdOf } from './project';
import { VERSION_PROPS, type VersionProps, type Versions, versionsOf } from './versions';

/**
 * How a host is reached:
 * - `local`: this machine
 * - `ssh://[user@]host[:port]`: another machine; an alias of your ssh_config(5) works too
 * - `machine://name`: a machine of systemd-machined(8) on this machine
 * - `lab[:name]`: the practice host that `bulkhead lab up` started
 */
export type HostAddressProp = 'local' | 'lab' | `lab:${string}` | `machine://${string}` | `ssh://${string}`;

export interface HostProps extends VersionProps {
  /**
   * How the host is reached, such as `ssh://root@web1`. Commands run there as root. So the user must be root, or a user
   * whose sudo(8) does not ask for a password.
   */
  readonly address: HostAddressProp;
  /**
   * Options for the OpenSSH client, each `Key=value` as in ssh_config(5).
   *
   * `ControlPersist=60` keeps the connection open for 60 seconds after the last command, so that the next `bulkhead` or
   * `terraform` does not log in again. The socket of the connection is in a directory that only you can open, below
   * `XDG_RUNTIME_DIR` or the directory for temporary files. `ControlMaster` and `ControlPath` have no effect.
   * @default - none beside your ssh_config; each command opens its own connection
   */
  readonly sshOptions?: readonly string[];
  /**
   * IPv4 addresses for services on `host.network`, in CIDR notation with a prefix length of 8 to 29, such as
   * `10.77.0.0/16`. The addresses are routed only on this host, so two hosts may use the same subnet.
   * @default - a /18 of 10.64.0.0/12 that follows from the names of stack and host
   */
  readonly subnet?: string;
  /**
   * How long a service must keep running after its start to count as started: whole seconds from 0 to 9999, such as
   * `'6s'`. If the service ends earlier, its `restart` may start it again for 10 s, and until it has ended three times.
   * After that the start has failed. Each apply that starts a service waits for this time. A service with `health` does
   * not: it counts as started once it is healthy.
   * @default '6s'
   */
  readonly settleTime?: Duration;
}

const PROPS: KnownProps<HostProps> = {
  ...VERSION_PROPS,
  address: true,
  sshOptions: 'list',
  subnet: true,
  settleTime: true,
};

const IS_HOST = Symbol.for('bulkhead/Host');

/** A Linux host with systemd. Its services are constructs below it in the tree. */
export class Host extends Construct implements CheckedHost {
  /** The nearest host above a construct. @throws Error when there is no host above it */
  static of(construct: IConstruct): Host {
    const host = [...construct.node.scopes].reverse().find((scope): scope is Host => IS_HOST in scope);
    if (!host)
      throw new Error(
        `Cannot place "${construct.node.id}": it is not inside a Host, expected a Host, or a construct inside a Host, as scope (at ${construct.node.path})`,
      );
    return host;
  }

  /** How the host is reached, as given in the props. */
  readonly address: string;
  /** Options for the OpenSSH client, as given in the props. */
  readonly sshOptions?: readonly string[];
  /** The stack of the host. */
  readonly stack: TerraformStack;
  /** @internal The project that its services belong to. */
  readonly project: string | undefined;
  /** Construct ids below the stack, joined by `-`. */
  readonly id: string;
  /** @internal Subnet of its `network`. */
  readonly subnet: string | undefined;
  /** @internal Seconds that a service without `health` must stay up to count as started. */
  readonly settleSec: number | undefined;
  /** Versions of the host's programs. Directives are checked against them. */
  readonly versions: Versions;
  private readonly added: HostedService[] = [];

  constructor(scope: Construct, id: string, props: HostProps) {
    super(scope, id);
    Object.defineProperty(this, IS_HOST, { value: true });
    const { path, scopes } = this.node;
    checkCopy(this);
    checkProps(props, PROPS, path);
    this.stack = TerraformStack.of(this);
    this.project = projectIdOf(process.cwd());
    this.address = checkAddress(props.address, path);
    if (props.sshOptions?.length) this.sshOptions = checkSshOptions(props.sshOptions, path);
    this.id = checkId(
      scopes.slice(scopes.indexOf(this.stack) + 1).map(({ node }) => node.id),
      path,
    );
    this.subnet = props.subnet === undefined ? undefined : checkSubnet(props.subnet, `${path}.subnet`).text;
    this.settleSec = checkSettleTime(props.settleTime, `${path}.settleTime`);
    this.versions = versionsOf(props, path);
    BulkheadProvider.of(this.stack).addHost(this);
    registerHost(this);
    this.node.addValidation({ validate: () => validateHost(this) });
  }

  /** The services of the host, in the order in which they were created. */
  get services(): readonly HostedService[] {
    return this.added.filter(isInTree);
  }

  /** @internal */
  add(service: HostedService): void {
    this.added.push(service);
  }
}

// A construct can be removed again, see Node.tryRemoveChild().
function isInTree({ node }: IConstruct): boolean {
  return node.scopes.every(
    ({ node: { scope, id } }, index, scopes) => index === 0 || scope?.node.tryFindChild(id) === scopes[index],
  );
}

// The bundle keeps the host's files in a directory named after the id, next to its own files.
function checkId(ids: readonly string[], path: string): string {
  const id = ids.join('-');
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id) && id !== 'assets' && id !== 'bundle.json') return id;
  const expected = 'construct ids of letters, digits, "_", "." and "-", other than "assets"';
  return fail({ action: 'name a host', value: id, problem: 'is not a directory name', expected, at: path });
}

function checkSettleTime(value: Duration | undefined, at: string): number | undefined {
  const seconds = parseDuration(value, at);
  if (seconds === undefined || (Number.isInteger(seconds) && seconds <= 9999)) return seconds;
  return fail({
    action: 'wait for',
    value,
    problem: 'is not a number of whole seconds',
    expected: 'at most "9999s"',
    at,
  });
}

// A part of an address may be a value that only Terraform knows. The host side checks the address once it is known.
function checkAddress(address: string, path: string): string {
  const at = `${path}.address`;
  try {
    parseAddress(String(address).replaceAll(TOKEN, 'token'));
    return address;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const { problem, expected } = error;
    return fail({ action: 'reach', value: error.address, problem, expected, at });
  }
}

function checkSshOptions(options: readonly string[], path: string): readonly string[] {
  options.forEach((option, index) => {
    if (!isSshOption(option))
      fail({
        action: 'pass to ssh',
        value: option,
        problem: 'is not an option',
        expected: '"Key=value" as in ssh_config(5)',
        at: `${path}.sshOptions[${index}]`,
      });
  });
  return options;
}

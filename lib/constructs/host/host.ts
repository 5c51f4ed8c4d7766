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
 * How a host is reached: `local` is this machine, `ssh://[user@]host[:port]` another one (an alias of your ssh_config(5)
 * works, too), `machine://name` a machine that systemd-machined(8) of this machine knows, and `lab[:name]` the practice
 * host that `bulkhead lab up` started.
 */
export type HostAddressProp = 'local' | 'lab' | `lab:${string}` | `machine://${string}` | `ssh://${string}`;

export interface HostProps extends VersionProps {
  /** How to reach it. Commands run there as root: the user is root, or one whose sudo(8) asks for no password. */
  readonly address: HostAddressProp;
  /**
   * Options for the OpenSSH client, each `Key=value` as in ssh_config(5).
   *
   * `ControlPersist=60` keeps the connection for 60 seconds after its last command, so that the next `bulkhead` or
   * `terraform` needs no login. Its socket lies in a directory that only you can open, below `XDG_RUNTIME_DIR` or the
   * directory for temporary files. `ControlMaster` and `ControlPath` have no effect.
   * @default - none beside your ssh_config; each command makes a connection of its own
   */
  readonly sshOptions?: readonly string[];
  /**
   * IPv4 addresses of services on `host.network`, in CIDR notation. They are routed on the host alone: two hosts may have
   * the same.
   * @default - a /18 of 10.64.0.0/12 that follows from the names of stack and host
   */
  readonly subnet?: string;
  /**
   * How long a service must stay up after its start to count as started, as a time span such as `1s`, in whole seconds up
   * to 9999. One that ends before may try again by its `restart` for 10 s, and until it has ended three times; then it has
   * failed. Each apply that starts something waits for it. A service with `health` needs none of it: it counts as started
   * once it is healthy.
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

/** A Linux host with systemd. Services are constructs below it in the tree. */
export class Host extends Construct implements CheckedHost {
  /** The nearest host above a construct. @throws Error when there is none. */
  static of(construct: IConstruct): Host {
    const host = [...construct.node.scopes].reverse().find((scope): scope is Host => IS_HOST in scope);
    if (!host)
      throw new Error(
        `Cannot place "${construct.node.id}": no Host is above it, expected a Host or a construct inside of one as scope (at ${construct.node.path})`,
      );
    return host;
  }

  /** As given: how the host is reached. */
  readonly address: string;
  readonly sshOptions?: readonly string[];
  readonly stack: TerraformStack;
  /** @internal The project that its services belong to. */
  readonly project: string | undefined;
  /** Construct ids below the stack, joined by `-`. */
  readonly id: string;
  /** @internal Subnet of its `network`. */
  readonly subnet: string | undefined;
  /** @internal Seconds that a service without `health` must stay up to count as started. */
  readonly settleSec: number | undefined;
  /** Versions that directives are checked against. */
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

  /** The services on it, in the order in which they were created. */
  get services(): readonly HostedService[] {
    return this.added.filter(isInTree);
  }

  /** @internal */
  add(service: HostedService): void {
    this.added.push(service);
  }
}

// A construct can be taken out again, see Node.tryRemoveChild().
function isInTree({ node }: IConstruct): boolean {
  return node.scopes.every(
    ({ node: { scope, id } }, index, scopes) => index === 0 || scope?.node.tryFindChild(id) === scopes[index],
  );
}

// The bundle keeps the host's files in a directory of this name, beside those of its own.
function checkId(ids: readonly string[], path: string): string {
  const id = ids.join('-');
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id) && id !== 'assets' && id !== 'bundle.json') return id;
  const expected = 'construct ids of letters, digits, "_", "." and "-", other than "assets"';
  return fail({ action: 'name a host', value: id, problem: 'is no name of a directory', expected, at: path });
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

// A part of an address may be a value that only Terraform knows. The host side checks it once it is known.
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
        problem: 'is no option',
        expected: '"Key=value" as in ssh_config(5)',
        at: `${path}.sshOptions[${index}]`,
      });
  });
  return options;
}

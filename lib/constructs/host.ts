import { Construct, type IConstruct } from 'constructs';
import { BulkheadProvider } from '../rendering/provider';
import { AddressPool } from './address-pool';
import { TerraformStack } from './cdktf';
import { registerHost, validateHost } from './host-checks';
import { checkProps, type KnownProps } from './known-props';
import { checkCopy } from './one-copy';
import { fail } from './problem';
import { projectIdOf } from './project';
import type { Service } from './service';

/**
 * How a host is reached: `local` for this machine, `ssh://[user@]host[:port]` (a name of your ssh_config works too), or
 * `machine://name` for a machine that this one's machined(8) knows, `lab[:name]` for the practice host that
 * `bulkhead lab up` started.
 */
export type HostAddressProp = 'local' | 'lab' | `lab:${string}` | `machine://${string}` | `ssh://${string}`;

export interface HostProps {
  /** How to reach it. Commands run there as root: the user is root, or one whose sudo(8) asks for no password. */
  readonly address: HostAddressProp;
  /**
   * Options for the OpenSSH client, each `Key=value` as in ssh_config(5).
   * @default - none beside your ssh_config
   */
  readonly sshOptions?: readonly string[];
  /**
   * Network that nspawn machines get their addresses from, in CIDR notation. It is routed on the host alone: two hosts
   * may have the same.
   * @default '10.77.0.0/16'
   */
  readonly subnet?: string;
  /**
   * Version of systemd on the host. A directive that is newer is refused at synthesis.
   * @default 257
   */
  readonly systemd?: number;
  /**
   * Version of podman on the host, `major.minor`. A Quadlet key that is newer is refused at synthesis.
   * @default '5.4'
   */
  readonly podman?: string;
}

const PROPS: KnownProps<HostProps> = { address: true, sshOptions: 'list', subnet: true, systemd: true, podman: true };

const IS_HOST = Symbol.for('bulkhead/Host');
const SSH = /^ssh:\/\/(?:[^@\s/:-][^@\s/:]*@)?(?:\[[0-9a-fA-F:.]+\]|[^@\s/:[\]-][^@\s/:[\]]*)(?::\d{1,5})?$/;
const MACHINE = /^machine:\/\/[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const LAB = /^lab(?::[A-Za-z0-9][A-Za-z0-9_.-]*)?$/;

/** A Linux host with systemd. Services are constructs below it in the tree. */
export class Host extends Construct {
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
  /** What is on it, in the order it was made. */
  readonly services: readonly Service[] = [];
  /** @internal */
  readonly addresses: AddressPool;
  /** Versions that directives are checked against. */
  readonly target: { readonly systemd: number; readonly podman: string };

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
    this.addresses = new AddressPool(props.subnet ?? '10.77.0.0/16', `${path}.subnet`);
    this.target = checkTarget(props, path);
    BulkheadProvider.of(this.stack).addHost(this);
    registerHost(this);
    this.node.addValidation({ validate: () => validateHost(this) });
  }

  /** @internal */
  add(service: Service): void {
    (this.services as Service[]).push(service);
  }
}

// The bundle keeps the host's files in a directory of this name, beside those of its own.
function checkId(ids: readonly string[], path: string): string {
  const id = ids.join('-');
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id) && id !== 'assets' && id !== 'bundle.json') return id;
  const expected = 'construct ids of letters, digits, "_", "." and "-", other than "assets"';
  return fail({ action: 'name a host', value: id, problem: 'is no name of a directory', expected, at: path });
}

function checkAddress(address: string, path: string): string {
  if (
    typeof address === 'string' &&
    (address === 'local' || LAB.test(address) || MACHINE.test(address) || isSsh(address))
  )
    return address;
  return fail({
    action: 'reach',
    value: address,
    problem: 'is no address of a host',
    expected: '"local", "lab", "lab:name", "machine://name" or "ssh://[user@]host[:port]"',
    at: `${path}.address`,
  });
}

function isSsh(address: string): boolean {
  return SSH.test(address.replaceAll(/\$\{TfToken\[[^\]]+\]\}/g, 'token'));
}

function checkSshOptions(options: readonly string[], path: string): readonly string[] {
  options.forEach((option, index) => {
    if (typeof option !== 'string' || !/^[A-Za-z]+=[^\n]*$/.test(option))
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

function checkTarget({ systemd = 257, podman = '5.4' }: HostProps, path: string): Host['target'] {
  if (!Number.isInteger(systemd) || systemd < 200)
    fail({
      action: 'expect systemd',
      value: systemd,
      problem: 'is no version',
      expected: 'an integer such as 257',
      at: `${path}.systemd`,
    });
  if (typeof podman !== 'string' || !/^\d+\.\d+(\.\d+)?$/.test(podman))
    fail({
      action: 'expect podman',
      value: podman,
      problem: 'is no version',
      expected: 'text such as "5.4"',
      at: `${path}.podman`,
    });
  return { systemd, podman };
}

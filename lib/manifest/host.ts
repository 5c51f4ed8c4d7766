import { join } from 'node:path';

const FORMS = '"local", "ssh://[user@]host[:port]", "machine://name" or "lab[:name]"';

/** How a host is reached, as plain data. */
export interface HostAddress {
  /**
   * `local`, `ssh://[user@]host[:port]` (an alias of the user's ssh_config(5) works too), `machine://name` for a
   * machine of systemd-machined(8) on this machine, or `lab[:name]` for the practice host that `bulkhead lab up`
   * started.
   */
  readonly address: string;
  /** Options for the OpenSSH client as in ssh_config(5), each `Key=value`. They are passed on with `-o`. */
  readonly sshOptions?: readonly string[];
}

// OpenSSH itself refuses these characters in a user name, or they would turn it into an option or another URL.
const userPattern = /^(?!-)[^\p{C}\p{Z}'"`$\\;&<>|(){}:@/?#]+$/u;
const hostPattern = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
const ipv6Pattern = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)\]$/;
const machinePattern = /^(?=.{1,64}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const labPattern = /^[a-z0-9][a-z0-9-]*$/;

/** A host's address in its parts. */
export type Address = LocalAddress | SshAddress | MachineAddress | LabAddress;

/** This machine. */
export interface LocalAddress {
  readonly kind: 'local';
}

/** A host reached over SSH. The user's ssh_config(5) provides missing parts. */
export interface SshAddress {
  readonly kind: 'ssh';
  readonly user?: string;
  /** A DNS name, an alias of ssh_config(5), or an IP address, without brackets. */
  readonly host: string;
  readonly port?: number;
}

/** A container of systemd-machined(8) on this machine. */
export interface MachineAddress {
  readonly kind: 'machine';
  readonly name: string;
}

/** A practice host. */
export interface LabAddress {
  readonly kind: 'lab';
  readonly name: string;
}

/**
 * Parses `local`, `ssh://[user@]host[:port]`, `machine://name` or `lab[:name]`. An IPv6 address is in brackets.
 * @throws AddressError for any other text, and when the SSH client could read a part of it as an option
 */
export function parseAddress(address: string): Address {
  if (address === 'local') return { kind: 'local' };
  if (address === 'lab') return { kind: 'lab', name: 'default' };
  if (address.startsWith('lab:')) return parseLab(address, address.slice('lab:'.length));
  if (address.startsWith('ssh://')) return parseSsh(address, address.slice('ssh://'.length));
  if (address.startsWith('machine://')) return parseMachine(address, address.slice('machine://'.length));
  throw new AddressError(address, address === '' ? 'it is empty' : 'it has an unknown form', FORMS);
}

function parseLab(address: string, name: string): LabAddress {
  if (!labPattern.test(name)) {
    throw new AddressError(
      address,
      `the name ${JSON.stringify(name)} is not valid`,
      'lower case letters, digits and "-"',
    );
  }
  return { kind: 'lab', name };
}

function parseMachine(address: string, name: string): MachineAddress {
  if (!machinePattern.test(name)) {
    throw new AddressError(address, `the machine ${JSON.stringify(name)} is not valid`, 'a name as in machinectl(1)');
  }
  return { kind: 'machine', name };
}

function parseSsh(address: string, authority: string): SshAddress {
  const at = authority.lastIndexOf('@');
  const user = at === -1 ? undefined : authority.slice(0, at);
  if (user?.includes(':')) {
    throw new AddressError(address.replace(user, '***'), 'it has a password', 'a user alone: log in with a key');
  }
  if (user !== undefined && !userPattern.test(user)) {
    throw new AddressError(address, `the user ${JSON.stringify(user)} is not valid`, FORMS);
  }
  const [, host = '', port] = /^(\[.*\]|[^:]*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? [];
  return {
    kind: 'ssh',
    ...(user !== undefined && { user }),
    host: parseHost(address, host),
    ...(port !== undefined && { port: parsePort(address, port) }),
  };
}

function parseHost(address: string, host: string): string {
  const ipv6 = ipv6Pattern.exec(host)?.[1];
  if (ipv6 !== undefined) return ipv6;
  if (host === '') throw new AddressError(address, 'the host is missing', FORMS);
  if (!hostPattern.test(host)) throw new AddressError(address, `the host ${JSON.stringify(host)} is not valid`, FORMS);
  return host;
}

function parsePort(address: string, port: string): number {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number < 1 || number > 65535) {
    throw new AddressError(address, `the port ${JSON.stringify(port)} is not valid`, 'a number from 1 to 65535');
  }
  return number;
}

/** An invalid address of a host. */
export class AddressError extends Error {
  override readonly name = 'AddressError';

  constructor(
    /** The address, without its password. */
    readonly address: string,
    readonly problem: string,
    readonly expected: string,
  ) {
    super(`Cannot parse address ${JSON.stringify(address)}: ${problem}, expected ${expected}`);
  }
}

/** The command line for a practice host: `bulkhead lab up --name mine`. */
export function labCommandLine(verb: 'up' | 'down' | 'ssh', name = 'default'): string {
  return `bulkhead lab ${verb}${name === 'default' ? '' : ` --name ${name}`}`;
}

/** Whether a text is an option for the OpenSSH client: `Key=value`. */
export function isSshOption(option: unknown): boolean {
  return typeof option === 'string' && /^[A-Za-z]\w*=[^\p{C}]+$/u.test(option);
}

/** The ssh_config(5) file of a practice host, which `bulkhead lab up` writes. The host's name in it is `lab`. */
export function labConfigFile(name: string): string {
  return join(process.env.BULKHEAD_LAB_HOME ?? '/var/lib/bulkhead/lab', name, 'ssh_config');
}

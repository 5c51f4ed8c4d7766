const expected = 'expected "local", "ssh://[user@]host[:port]", "machine://name" or "lab[:name]"';

// What OpenSSH itself refuses in a user name, and what would make it an option or another URL.
const userPattern = /^(?!-)[^\p{C}\p{Z}'"`$\\;&<>|(){}:@/?#]+$/u;
const hostPattern = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
const ipv6Pattern = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)\]$/;
const machinePattern = /^(?=.{1,64}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const labPattern = /^[a-z0-9][a-z0-9-]*$/;

/** A host's address, taken apart. */
export type Address = LocalAddress | SshAddress | MachineAddress | LabAddress;

/** This machine. */
export interface LocalAddress {
  readonly kind: 'local';
}

/** A host behind SSH. What is not given is up to the user's ssh_config(5). */
export interface SshAddress {
  readonly kind: 'ssh';
  readonly user?: string;
  /** A DNS name, an alias of ssh_config(5), or an IP address, without brackets. */
  readonly host: string;
  readonly port?: number;
}

/** A container that this machine's systemd-machined(8) knows. */
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
 * Reads `local`, `ssh://[user@]host[:port]`, `machine://name` or `lab[:name]`; an IPv6 address stands in brackets.
 * @throws Error when it is none of them, or a part of it could be taken for an option of the SSH client.
 */
export function parseAddress(address: string): Address {
  if (address === 'local') return { kind: 'local' };
  if (address === 'lab') return { kind: 'lab', name: 'default' };
  if (address.startsWith('lab:')) return parseLab(address, address.slice('lab:'.length));
  if (address.startsWith('ssh://')) return parseSsh(address, address.slice('ssh://'.length));
  if (address.startsWith('machine://')) return parseMachine(address, address.slice('machine://'.length));
  throw refusal(address, address === '' ? 'it is empty' : 'it is of no known kind', expected);
}

function parseLab(address: string, name: string): LabAddress {
  if (!labPattern.test(name)) {
    throw refusal(
      address,
      `the name ${JSON.stringify(name)} is not one`,
      'expected lower case letters, digits and "-"',
    );
  }
  return { kind: 'lab', name };
}

function parseMachine(address: string, name: string): MachineAddress {
  if (!machinePattern.test(name)) {
    throw refusal(address, `the machine ${JSON.stringify(name)} is not one`, 'expected a name as in machinectl(1)');
  }
  return { kind: 'machine', name };
}

function parseSsh(address: string, authority: string): SshAddress {
  const at = authority.lastIndexOf('@');
  const user = at === -1 ? undefined : authority.slice(0, at);
  if (user?.includes(':')) {
    throw refusal(address.replace(user, '***'), 'it carries a password', 'expected a user alone: log in with a key');
  }
  if (user !== undefined && !userPattern.test(user)) {
    throw refusal(address, `the user ${JSON.stringify(user)} is not one`, expected);
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
  if (host === '') throw refusal(address, 'the host is missing', expected);
  if (!hostPattern.test(host)) throw refusal(address, `the host ${JSON.stringify(host)} is not one`, expected);
  return host;
}

function parsePort(address: string, port: string): number {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number < 1 || number > 65535) {
    throw refusal(address, `the port ${JSON.stringify(port)} is not one`, 'expected a number from 1 to 65535');
  }
  return number;
}

function refusal(address: string, what: string, wanted: string): Error {
  return new Error(`Cannot parse address ${JSON.stringify(address)}: ${what}, ${wanted}`);
}

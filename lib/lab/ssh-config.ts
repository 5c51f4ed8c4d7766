/** What ssh(1) needs to reach one lab. */
export interface SshTarget {
  readonly address: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

/** An ssh_config(5) with one host, `lab`, whose key is known: nothing is trusted on first use. */
export function sshConfig({ address, identityFile, knownHostsFile }: SshTarget): string {
  return `Host lab
  HostName ${address}
  User root
  IdentityFile "${identityFile}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHostsFile}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  PreferredAuthentications publickey
  ConnectTimeout 10
`;
}

/** A line for known_hosts(5). */
export function knownHost(address: string, publicKey: string): string {
  return `${address} ${publicKey.trim().split(' ').slice(0, 2).join(' ')}\n`;
}

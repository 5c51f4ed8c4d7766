import type { Bundle } from '../rendering/bundle-format';
import { commandLine } from './command-line';
import { CommandError } from './errors';

/** Options that only say where the host is and how it proves who it is. Others run programs or send what is here. */
const HARMLESS = new Set(
  [
    'AddressFamily',
    'BindAddress',
    'BindInterface',
    'CASignatureAlgorithms',
    'CertificateFile',
    'Ciphers',
    'Compression',
    'ConnectTimeout',
    'ConnectionAttempts',
    'ControlPersist',
    'HostKeyAlgorithms',
    'HostKeyAlias',
    'Hostname',
    'IPQoS',
    'IdentitiesOnly',
    'IdentityFile',
    'KexAlgorithms',
    'MACs',
    'NumberOfPasswordPrompts',
    'Port',
    'PreferredAuthentications',
    'ProxyJump',
    'PubkeyAcceptedAlgorithms',
    'PubkeyAuthentication',
    'RekeyLimit',
    'RequiredRSASize',
    'ServerAliveCountMax',
    'ServerAliveInterval',
    'TCPKeepAlive',
    'User',
  ].map((name) => name.toLowerCase()),
);

/**
 * Refuses options of ssh in bundles that could run a program of this machine, such as ProxyCommand, or weaken the check
 * of host keys: whoever may change a bundle is not to become who applies it.
 * @throws CommandError that names the first one
 */
export function checkSshOptions(bundles: readonly Pick<Bundle, 'stack' | 'hosts'>[]): void {
  for (const { hosts } of bundles) {
    for (const { path, sshOptions = [] } of hosts) {
      const option = sshOptions.find((each) => !HARMLESS.has(each.split('=', 1)[0]?.toLowerCase() ?? ''));
      if (option === undefined) continue;
      throw new CommandError(
        `Cannot use the option "${option}" of ssh: it comes from a bundle and may run programs here (at ${path})`,
        { advice: `if you trust who wrote the bundle: ${commandLine('--trust-ssh-options')}` },
      );
    }
  }
}

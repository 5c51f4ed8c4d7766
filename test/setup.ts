import { spawnSync } from 'node:child_process';

/** Debian packages of the programs that tests without a practice host use. */
const PACKAGES: Readonly<Record<string, string>> = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  zstd: 'zstd',
  'systemd-analyze': 'systemd',
  zsh: 'zsh',
  fish: 'fish',
};

const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** Installs what the tests use where that is possible. What is still missing is skipped by its test, which says so. */
export default function setup(): void {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const missing = Object.keys(PACKAGES).filter(
    (program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { env: { PATH: path } }).status !== 0,
  );
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  const packages = missing.map((program) => PACKAGES[program] ?? program);
  process.stderr.write(`installing ${packages.join(', ')}\n`);
  const install = () => run('apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages);
  if (!install() && run('apt-get', 'update', '-q')) install();
}

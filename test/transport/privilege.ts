import { spawnSync } from 'node:child_process';

const isRoot = process.getuid?.() === 0;
const reason = isRoot || spawnSync('sudo', ['-n', 'true']).status === 0 ? '' : 'needs root, or sudo without a password';

/** `describe`, or a skip that says why where commands can't be run as root. */
export const describeAsRoot = reason
  ? (name: string, body: () => void) => describe.skip(`${name} (skipped: ${reason})`, body)
  : describe;

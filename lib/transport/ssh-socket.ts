import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshTarget } from './ssh-errors';
import { TransportError } from './transport';

/** Where ssh clients reach a connection. */
export interface ControlSocket {
  readonly path: string;
  /** The directory to remove with the connection. Without one, the connection outlives its commands. */
  readonly directory?: string;
}

/** Whether a connection is to be kept for later commands: `ControlPersist` of ssh_config(5) among the options. */
export function isKept({ options }: SshTarget): boolean {
  const value = options
    .map((option) => /^ControlPersist=(.*)$/i.exec(option)?.[1])
    .find((found) => found !== undefined);
  return value !== undefined && value.toLowerCase() !== 'no';
}

/**
 * A socket of one connection, or for one that is kept the socket that all commands with the same target and options use.
 * @throws TransportError when the directory of kept connections is open to others
 */
export async function controlSocket(target: SshTarget): Promise<ControlSocket> {
  if (!isKept(target)) {
    const directory = await mkdtemp(join(socketParent([tmpdir()], 60), 'bulkhead-ssh-'));
    return { path: join(directory, 'ssh'), directory };
  }
  const { address: _, ...way } = target;
  const digest = createHash('sha256').update(JSON.stringify(way)).digest('hex');
  return { path: join(await keptDirectory(target), digest.slice(0, 16)) };
}

/** A directory that is only this user's: who can connect to a socket in it is root on the host. */
async function keptDirectory({ address }: SshTarget): Promise<string> {
  const { uid } = userInfo();
  const parent = socketParent([process.env.XDG_RUNTIME_DIR ?? '', tmpdir()], 48);
  const directory = join(parent, `bulkhead-ssh-${uid}`);
  await mkdir(directory, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return directory;
  throw new TransportError(
    address,
    `Cannot keep a connection to "${address}": ${directory} is not a directory of yours alone`,
    `Remove it, or leave ControlPersist out of sshOptions: rm -r ${directory}`,
  );
}

// A socket's path has 107 bytes at most (unix(7)), of which ssh needs 17 while it makes it; and ssh expands % and ~.
function socketParent(preferred: readonly string[], maxLength: number): string {
  return preferred.find((path) => path.length <= maxLength && /^[\w/.-]+$/.test(path)) ?? '/tmp';
}

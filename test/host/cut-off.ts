import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { main } from '../cli/command';
import { lab } from './host';

/** Takes the place of systemctl on the host: says when it is called with a word, and does not come back from that. */
const HOLD = `
mkdir -p /usr/local/sbin
mkfifo /run/held
cat > /usr/local/sbin/systemctl <<END
#!/bin/sh
case " \\$* " in *" $1 "*) echo held > /run/held; exec sleep infinity ;; esac
exec /usr/bin/systemctl "\\$@"
END
chmod 755 /usr/local/sbin/systemctl
`;

/** Applies a bundle, and kills that with all its processes as soon as the host is asked to `systemctl WORD`. */
export async function cutOffAt(word: string, bundle: string): Promise<void> {
  await lab.sh(HOLD, word);
  try {
    const child = spawn(process.execPath, [main, 'apply', '--auto-approve', '--bundle', bundle], {
      detached: true,
      stdio: 'ignore',
    });
    const closed = once(child, 'close');
    try {
      await lab.sh('timeout 30 cat /run/held');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } finally {
      await closed;
    }
  } finally {
    await lab.sh('rm -f /run/held /usr/local/sbin/systemctl');
  }
}

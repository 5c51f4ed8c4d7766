import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { main } from '../cli/command';
import { lab } from './host';

/**
 * Takes the place of a program on the host: says when it is called with a word, and goes on with that when it is told.
 * Arguments: the program and the word.
 */
const HOLD = `
mkdir -p /usr/local/bin
mkfifo -m 666 /run/held /run/go-on
cat > "/usr/local/bin/$1" <<END
#!/bin/sh
case " \\$* " in *" $2 "*) echo \\$\\$ > /run/held; cat /run/go-on > /dev/null ;; esac
exec "/usr/bin/$1" "\\$@"
END
chmod 755 "/usr/local/bin/$1"
`;

// A shell remembers where it has found a program, so there goes on to be one.
const GO_ON = `
printf '#!/bin/sh\\nexec "/usr/bin/%s" "$@"\\n' "$1" > /run/goes-on
chmod 755 /run/goes-on
mv /run/goes-on "/usr/local/bin/$1"
timeout 60 sh -c "echo > /run/go-on"
`;

/** Ends the connection through which the host was asked: the process of sshd that what is held descends from. */
const CUT = `
read -r pid < /run/held-by
while read -r name < "/proc/$pid/comm"; do
  case $name in sshd*) exec kill -KILL "$pid" ;; esac
  read -r _ _ _ pid _ < "/proc/$pid/stat"
done
exit 1
`;

/** Does something while the host is held as soon as it is asked to `systemctl WORD`, until it is let go on. */
export const whileHeldAt = (word: string, work: (hold: Hold) => Promise<void>) => whileHeld('systemctl', word, work);

/** The same for another program. */
export async function whileHeld(program: string, word: string, work: (hold: Hold) => Promise<void>): Promise<void> {
  await lab.sh(HOLD, program, word);
  try {
    await work({
      reached: () => lab.sh('timeout 60 cat /run/held > /run/held-by'),
      cutLink: () => lab.sh(CUT),
      goOn: () => lab.sh(GO_ON, program),
    });
  } finally {
    await lab.sh('[ ! -p /run/go-on ] || timeout 1 sh -c "echo > /run/go-on" || :');
    await lab.sh('rm -f /run/held /run/held-by /run/go-on "/usr/local/bin/$1"', program);
  }
}

export interface Hold {
  /** Resolves when the host has been asked. */
  readonly reached: () => Promise<unknown>;
  /** Ends the connection through which it was asked. */
  readonly cutLink: () => Promise<unknown>;
  /** Lets it go on, and does not hold it again. */
  readonly goOn: () => Promise<unknown>;
}

/** Applies a bundle, and kills that with all its processes as soon as the host is asked to `systemctl WORD`. */
export const cutOffAt = (word: string, bundle: string) => cutOff('systemctl', word, bundle);

/** The same for `podman WORD`. */
export const cutOffAtPodman = (word: string, bundle: string) => cutOff('podman', word, bundle);

function cutOff(program: string, word: string, bundle: string): Promise<void> {
  return whileHeld(program, word, async ({ reached }) => {
    const child = spawn(process.execPath, [main, 'apply', '--auto-approve', '--bundle', bundle], {
      detached: true,
      stdio: 'ignore',
    });
    const closed = once(child, 'close');
    try {
      await reached();
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await closed;
    }
  });
}

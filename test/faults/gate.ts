import { RUN_DIR } from '../../lib/engine/paths';
import { SEQUENCE_SCRIPT } from '../../lib/engine/sequence';
import type { Transport } from '../../lib/transport';
import { shell } from '../host/inventory';
import { type Step, stepOf } from './steps';

const DIR = '/run/faults';
const FLOCK = '/usr/local/sbin/flock';

/**
 * Takes the place of flock(1), under which the engine runs each command of an apply, and puts itself before every
 * command, also of those that come in a sequence. There it counts, and holds the one that it was told to hold until
 * whoever asked for that command is gone, and with them all that they have started.
 */
const PROGRAM = `#!/usr/bin/perl
use strict;
use Fcntl ':flock';
if ($0 eq '${FLOCK}') {
  my @words = @ARGV;
  if (($words[2] // '') eq '${RUN_DIR}/work') {
    my @command = splice @words, 8;
    if (($command[2] // '') eq do { local $/; open my $file, '<', '${DIR}/sequence' or die; <$file> }) {
      push @words, splice @command, 0, 4;
      while (my ($length, $may_fail, $count) = splice @command, 0, 3) {
        push @words, $length, $may_fail, $count + 1, '${DIR}/gate', splice @command, 0, $count;
      }
    } else {
      push @words, '${DIR}/gate', @command;
    }
  }
  exec '/usr/bin/flock', @words;
}
open my $count, '+<', '${DIR}/count' or die "count: $!";
flock $count, LOCK_EX;
my ($passed, $target) = split ' ', <$count>;
$passed++;
seek $count, 0, 0;
print $count "$passed $target   \\n";
open my $log, '>>', '${DIR}/log' or die "log: $!";
print $log join("\\x1f", map { s/\\n/ /gr } @ARGV), "\\n";
close $log;
close $count;
if ($passed == $target) {
  open my $held, '>', '${DIR}/held' or die "held: $!";
  print $held "$passed\\n";
  close $held;
  open my $token, '<', '${RUN_DIR}/token' or die "token: $!";
  my (undef, $holder) = split ' ', <$token>;
  for (1 .. 2400) { last if !kill 0, $holder; select undef, undef, undef, 0.05 }
  # As the next apply would do it, only five seconds earlier.
  $SIG{TERM} = 'IGNORE';
  kill TERM => -getpgrp;
  exit 1;
}
exec { $ARGV[0] } @ARGV;
`;

const INSTALL = `
rm -rf ${DIR}; mkdir -p -m 700 ${DIR}; mkfifo ${DIR}/held
printf '%s' "$1" > ${DIR}/sequence
printf '%s' "$2" > ${FLOCK}
chmod 755 ${FLOCK}
ln -s ${FLOCK} ${DIR}/gate
echo '0 0' > ${DIR}/count
`;

/** Holds an apply on its host just before one of its commands. */
export class Gate {
  private constructor(private readonly host: Transport) {}

  static async install(host: Transport): Promise<Gate> {
    await shell(host, INSTALL, SEQUENCE_SCRIPT, PROGRAM);
    return new Gate(host);
  }

  /** Has a command held, counted from now on: the first is 1. With 0 none is. */
  async aimAt(target: number): Promise<void> {
    await shell(this.host, `printf '0 %s   \\n' "$1" > ${DIR}/count; : > ${DIR}/log`, String(target));
  }

  /** Resolves with whether that command is held, once it is or {@link giveUp} is called. */
  async reached(): Promise<boolean> {
    return (await shell(this.host, `timeout 300 cat ${DIR}/held`)) !== 'none\n';
  }

  /** No command is held any more, because what was to be held has ended. */
  async giveUp(): Promise<void> {
    await shell(this.host, `timeout 60 sh -c 'echo none > ${DIR}/held'`);
  }

  /** The commands since it was aimed, the one that is held included. */
  async steps(): Promise<Step[]> {
    const lines = (await shell(this.host, `cat ${DIR}/log`)).split('\n').slice(0, -1);
    return lines.map((line) => stepOf(line.split('\x1f')));
  }

  async remove(): Promise<void> {
    await shell(this.host, `rm -rf ${DIR} ${FLOCK}`);
  }
}

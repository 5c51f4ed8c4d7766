import { text } from '../directives/support/hostile';
import fc from '../fast-check';

/** One thing that a user without rights does in a directory of theirs. */
export interface Trick {
  readonly what:
    | 'file'
    | 'link'
    | 'hard link'
    | 'fifo'
    | 'closed directory'
    | 'sparse file'
    | 'socket'
    | 'lock'
    | 'process';
  /** Where it lies. For a process, the words that ps(1) shows. */
  readonly path: string;
  /** Content of a file, or target of a link. */
  readonly argument: string;
}

/** Names that mean something to whoever reads them carelessly. */
const NAMES: readonly string[] = [
  'x\n/etc/systemd/system/../../../srv/hu-precious\thu-data-volume.service',
  'x\n== units\nNames=hu-unit.service\nActiveState=failed\n== images',
  '12 records\n\n{"manifest":',
  'late@hu-other',
  'sequence.hostile',
  'bulkhead-look.hostile',
  '.bulkhead-new',
  '.bulkhead-staging',
  '.bulkhead-tree',
  'hu-unit.service',
  'hu-box.service',
  'hu-box.container',
  'hu-data.volume',
  'hu-other-data.volume',
  'settings.conf',
  'containers.conf',
  '-rf',
  '--',
  '$(touch /srv/hu-precious/owned)',
  '`touch /srv/hu-precious/owned`',
  ';touch /srv/hu-precious/owned',
  '\x1b[2J',
  '*',
  ' ',
];

/** Paths that do not belong to the user. */
const TARGETS: readonly string[] = [
  '/',
  '/etc/shadow',
  '/etc/systemd/system',
  '/etc/systemd/system/hu-unit.service',
  '/var/lib/bulkhead',
  '/run/bulkhead',
  '/srv/hu-precious',
  '/srv/hu-precious/file',
  '/home/hu-other',
  '/dev/zero',
  '/proc/self/fd/0',
  '../../../../../etc',
  'x\n/srv/hu-precious\thu-data-volume.service',
];

const UNIT = '[Service]\nType=oneshot\nExecStart=/bin/false\n[Install]\nWantedBy=default.target\n';

const name = fc.oneof(
  { arbitrary: fc.constantFrom(...NAMES), weight: 2 },
  {
    arbitrary: text.map((value) => value.replaceAll('/', '_')).filter((value) => !/^\.{0,2}$/.test(value)),
    weight: 1,
  },
);

/** Generates tricks in some directories. The same seed gives the same tricks. */
export function tricks(directories: readonly string[], count: number, seed: number): Trick[] {
  const path = fc.tuple(fc.constantFrom(...directories), name).map((parts) => parts.join('/'));
  const target = fc.constantFrom(...TARGETS);
  const content = fc.oneof(
    fc.constant(UNIT),
    target.map((line) => `${line}\n`),
    text,
  );
  const kinds = {
    file: { weight: 8, path, argument: content },
    link: { weight: 8, path, argument: target },
    'hard link': { weight: 1, path, argument: fc.constantFrom('/etc/shadow', '/srv/hu-precious/file') },
    fifo: { weight: 2, path, argument: fc.constant('') },
    'closed directory': { weight: 2, path, argument: fc.constant('') },
    'sparse file': { weight: 1, path, argument: fc.constant('') },
    socket: { weight: 1, path, argument: fc.constant('') },
    lock: {
      weight: 1,
      path: fc.constantFrom(...TARGETS, '/etc', '/run', '/run/systemd/system'),
      argument: fc.constant(''),
    },
    process: { weight: 1, path: fc.oneof(name, target), argument: fc.constant('') },
  } as const satisfies Record<Trick['what'], unknown>;
  const trick = fc.oneof(
    ...Object.entries(kinds).map(([what, { weight, path, argument }]) => ({
      weight,
      arbitrary: fc.record({ what: fc.constant(what as Trick['what']), path, argument }),
    })),
  );
  return fc.sample(trick, { seed, numRuns: count });
}

/**
 * A program for perl(1) that performs tricks and prints how many succeeded. Standard input: for each trick its kind, path
 * and argument, with a zero byte after each. Processes, and processes that hold locks, go on for ten minutes.
 */
export const PERFORM = `
use strict; use Fcntl ':flock'; use POSIX; use Socket;
sub stay { my $do = shift; return 1 if fork; POSIX::setsid(); open STDIN, '<', '/dev/null'; open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null'; $do->(); sleep 600; exit }
my %do = (
  'file' => sub { my $file; sysopen($file, $_[0], O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK) && print $file $_[1] },
  'link' => sub { symlink $_[1], $_[0] },
  'hard link' => sub { link $_[1], $_[0] },
  'fifo' => sub { POSIX::mkfifo($_[0], 0666) },
  'closed directory' => sub { mkdir($_[0]) && chmod 0, $_[0] },
  'sparse file' => sub { my $file; sysopen($file, $_[0], O_WRONLY | O_CREAT | O_NONBLOCK) && truncate $file, 600_000_000 },
  'socket' => sub { my $socket; socket($socket, PF_UNIX, SOCK_STREAM, 0) && length $_[0] < 100 && bind $socket, sockaddr_un($_[0]) },
  'lock' => sub { my $path = $_[0]; -r $path && !-c $path && stay(sub { open my $file, '<', $path; flock $file, LOCK_EX | LOCK_NB or exit; sleep 600 }) },
  'process' => sub { my $words = $_[0]; stay(sub { $0 = $words }) },
);
my ($done, %count) = (0);
local $/ = "\\0";
my @words = <STDIN>; chomp @words;
while (my ($what, $path, $argument) = splice @words, 0, 3) { $done++ if eval { $do{$what}->($path, $argument) } }
print "$done\\n";
`;

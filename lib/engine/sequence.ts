import { Readable } from 'node:stream';
import type { RunResult } from '../transport';
import { ApplyError, commandError } from './errors';
import { readSections } from './observe/sections';
import { RUN_DIR } from './paths';
import type { Purpose } from './run';
import { commandOf, type Scope } from './scope';

/** Input with a known number of bytes. */
export interface SizedInput {
  readonly length: number;
  readonly open: () => Readable;
}

/** A command of a sequence. */
export interface Command {
  readonly argv: readonly string[];
  /** User who runs it. Undefined for root. */
  readonly user?: string | undefined;
  readonly input?: Uint8Array | SizedInput;
  /** Its purpose, for its error. */
  readonly purpose: Purpose;
  /** The following commands run even if this one fails. */
  readonly mayFail?: true;
  /** Called with the result, unless that is an error. */
  readonly ended?: (result: RunResult) => void;
}

/**
 * Runs commands in order. Standard input contains their inputs, in order. Arguments: for each command the length of its
 * input, whether it may fail, the number of its arguments, and these.
 */
export const SEQUENCE_SCRIPT = `
mask=$(umask)
umask 077
[ -d ${RUN_DIR} ] || mkdir ${RUN_DIR} || exit 1
dir=$(mktemp -d ${RUN_DIR}/sequence.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT PIPE TERM
n=1
while [ $# -gt 0 ]; do
  length=$1 may_fail=$2 count=$3; shift 3
  words= i=1
  while [ $i -le $count ]; do words="$words \\"\\\${$i}\\""; i=$((i + 1)); done
  dd bs=65536 count="$length" iflag=fullblock,count_bytes status=none | {
    umask "$mask"
    code=0; eval "$words" > "$dir/$n-out" 2> "$dir/$n-err" || code=$?
    echo $code > "$dir/$n-code"
    cat > /dev/null
  }
  shift $count
  read -r code < "$dir/$n-code"
  [ "$code" -eq 0 ] || [ "$may_fail" ] || break
  n=$((n + 1))
done
cd "$dir" && stat -c '%s %n' -- * && echo && cat -- *
`;

/**
 * Runs commands in order in one round trip, up to the first failure.
 * @throws ApplyError when a command fails that may not fail
 */
export async function runInSequence(scope: Scope, commands: readonly Command[], signal?: AbortSignal): Promise<void> {
  if (commands.length === 0) return;
  const words = commands.flatMap(({ argv, user, input, mayFail }) => {
    const all = commandOf(user, argv);
    return [String(input?.length ?? 0), mayFail ? 'yes' : '', String(all.length), ...all];
  });
  const { stdout, stderr, exitCode } = await scope.run(['sh', '-c', SEQUENCE_SCRIPT, 'sh', ...words], {
    input: Readable.from(inputsOf(commands)),
    ...(signal && { signal }),
  });
  const sections = exitCode === 0 ? readSections(stdout) : undefined;
  if (!sections) {
    const problem = 'it did not answer as expected';
    throw new ApplyError({ host: scope.address, action: 'change the host', problem, exitCode, stderr });
  }
  for (const [index, command] of commands.entries()) {
    const text = (what: string) => sections.get(`${index + 1}-${what}`) ?? Buffer.alloc(0);
    const result = { exitCode: Number(text('code')), stdout: text('out'), stderr: text('err').toString() };
    if (result.exitCode !== 0 && !command.mayFail)
      throw commandError({ host: scope.address, ...command.purpose }, result);
    command.ended?.(result);
  }
}

async function* inputsOf(commands: readonly Command[]): AsyncGenerator<Uint8Array> {
  for (const { input } of commands) {
    if (input instanceof Uint8Array) yield input;
    else if (input) yield* input.open();
  }
}

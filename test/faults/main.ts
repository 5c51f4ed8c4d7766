import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Lab } from '../../lib/lab';
import { PACKAGES } from '../host/labs';
import { type Part, type Result, run } from './campaign';
import { CLASS_NAMES, type ClassName, groupsOf, renderedBy } from './classes';
import { everyCommand, everyPair, randomTimes, someOf } from './list';
import { RENDERINGS } from './making';
import { countsOf, nameOf, renderSummary } from './summary';

const MAIN = join(__dirname, '../../dist/cli/main.js');

const HELP = `npm run faults -- [options]

Kills applies on practice hosts with SIGKILL, and checks that the next apply converges: the plan is empty, nothing is left
over, and Terraform's state knows what is on the host. Applies are killed before each of their commands; before a command
and then before a command of the next apply, in all pairs; and at random times. Applies of versions that fail, so that
services go back, and rollbacks are killed, too: the same again must then have the old version run, with its history, and
an apply of a good version must converge, after that and directly. Exits with 1 when one did not.

  --classes A,B   classes to apply (default: ${CLASS_NAMES.join(',')})
  --terraform     also kill "terraform apply"
  --pairs N       number of pairs for each group of classes, drawn by the seed (default: all pairs)
  --rounds N      number of kills at random times for each group of classes (default: 10)
  --seed N        seed of the random times and of the drawn pairs (default: a new one, which is printed)
  --labs N        number of practice hosts to use in parallel (default: 1)
  --json          print one JSON object
  --help          print this help`;

interface Settings {
  readonly parts: readonly Part[];
  readonly pairs: number;
  readonly rounds: number;
  readonly seed: number;
  readonly labs: number;
  readonly json: boolean;
}

function settingsOf(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      classes: { type: 'string', default: CLASS_NAMES.join() },
      terraform: { type: 'boolean', default: false },
      pairs: { type: 'string' },
      rounds: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      labs: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const renderings = values.terraform ? RENDERINGS : (['bulkhead'] as const);
  const names = classesOf(values.classes);
  return {
    parts: renderings.flatMap((rendering) =>
      [...groupsOf(renderedBy(rendering, names))].map(([group, classes]) => ({ rendering, group, classes })),
    ),
    pairs: values.pairs === undefined ? Number.POSITIVE_INFINITY : count('pairs', values.pairs),
    rounds: count('rounds', values.rounds),
    seed: count('seed', values.seed),
    labs: Math.max(1, count('labs', values.labs)),
    json: values.json,
  };
}

function classesOf(list: string): ClassName[] {
  return list.split(',').map((word) => {
    const name = CLASS_NAMES.find((known) => known === word);
    if (!name) throw new Error(`Cannot use --classes "${word}": no such class, expected ${CLASS_NAMES.join(', ')}`);
    return name;
  });
}

function count(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`Cannot use --${option} "${text}": expected a number such as 10`);
  return Number(text);
}

/** Goes through all parts, one after the other on each practice host. */
async function campaign({ parts, pairs, rounds, seed, labs }: Settings): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...parts];
  const faults = (length: number) => [
    ...everyCommand(length),
    ...someOf(everyPair(length), pairs, seed),
    ...randomTimes(rounds, seed),
  ];
  const told = (result: Result, done: number, all: number) => {
    results.push(result);
    tell(`${done}/${all} ${nameOf(result)}: ${result.problem ?? 'converged'}`);
  };
  const goThrough = async (part: Part, lab: Lab) => {
    try {
      // What another part, or a run that was killed, may have left is none of this one's.
      await lab.down();
      await lab.up();
      await run(part, { address: `lab:${lab.name}`, main: MAIN, faults, told });
    } catch (error) {
      told(
        { rendering: part.rendering, group: part.group, kills: [], next: 'apply', problem: (error as Error).message },
        0,
        0,
      );
    } finally {
      await lab.down();
    }
  };
  const work = async (number: number) => {
    const lab = new Lab({ name: `faults-${number}`, packages: PACKAGES });
    for (let part = left.shift(); part; part = left.shift()) await goThrough(part, lab);
  };
  await Promise.all(Array.from({ length: labs }, (_, index) => work(index + 1)));
  return results;
}

async function main(args: readonly string[]): Promise<void> {
  const settings = settingsOf(args);
  if (!settings) return console.log(HELP);
  if (!existsSync(MAIN)) throw new Error(`Cannot kill "${MAIN}": it is not there, expected npm run build first`);
  const { seed, json } = settings;
  tell(`seed ${seed}`);
  const results = await campaign(settings);
  const counts = Object.fromEntries(countsOf(results));
  const failed = results.filter(({ problem }) => problem);
  console.log(json ? JSON.stringify({ seed, rounds: results.length, counts, failed }) : renderSummary(results));
  if (failed.length > 0) process.exitCode = 1;
}

function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

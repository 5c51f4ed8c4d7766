import { StringDecoder } from 'node:string_decoder';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Context, examples, run, SERVICES, withBundleOption, withOutputOptions } from './command';
import { withConnections } from './connections';
import { CommandError, hostError, Interrupted } from './errors';
import { type JournalOptions, journalCommands } from './journal';
import { type Place, type PlacesOptions, placesOf, withHostOption } from './places';

interface Options extends PlacesOptions, JournalOptions {}

export function logsCommand(): Command {
  const command = new Command('logs').argument('[services...]', `${SERVICES}; default: all`);
  return withOutputOptions(withHostOption(withBundleOption(command)))
    .description('Show the output of services, and messages of systemd about them, from the journals of their hosts')
    .option('-f, --follow', 'also print new lines, until Ctrl-C')
    .addOption(
      new Option('-n, --lines <number>', 'number of the newest lines per host and user, or all')
        .default('100')
        .argParser(lineCount),
    )
    .option('--since <time>', 'show nothing older; a time as in journalctl(1): "2026-01-31 12:00", "-1h" or "today"')
    .addHelpText(
      'after',
      examples([
        ['bulkhead logs web', 'the last 100 lines'],
        ['bulkhead logs -f', 'the last 100 lines of all services, and new ones'],
        ['bulkhead logs web --since -10min -n all', 'all of the last ten minutes'],
        [
          'bulkhead logs --json',
          'one object per line, with all fields of the journal; for a host that fails, its error',
        ],
      ]),
    )
    .action((services: string[], options: Options) =>
      run(options, (context) =>
        withConnections(async (connections) => {
          const places = await placesOf(services, options, connections, context);
          return show(places, options, context);
        }),
      ),
    );
}

function lineCount(text: string): string {
  if (/^(?:\d{1,9}|all)$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a number of lines such as 100, or all.');
}

/** Shows all logs that can be read. A host that fails does not stop the others. Returns the exit code. */
async function show(places: readonly Place[], options: Options, context: Context): Promise<number> {
  try {
    const shown: boolean[] = [];
    if (options.follow) shown.push(...(await Promise.all(places.map((place) => showPlace(place, options, context)))));
    else for (const place of places) shown.push(await showPlace(place, options, context));
    return shown.every(Boolean) ? 0 : 1;
  } catch (error) {
    // Ctrl-C is the usual end of --follow, not an error.
    if (options.follow && error instanceof Interrupted) return error.exitCode;
    throw error;
  }
}

/** Shows the logs of one host, and its error at once. Returns whether all logs could be read. */
async function showPlace(place: Place, options: Options, { terminal, signal }: Context): Promise<boolean> {
  const commands = journalCommands(place.manifests, options);
  const errors = new Set<string>();
  const print = async (argv: readonly string[]) => {
    try {
      await printJournal(place, argv, { terminal, signal });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = hostError(thrown, place.path);
      // An unreachable host gives the same error to each of its journals.
      if (errors.has(error.message)) return;
      errors.add(error.message);
      terminal.error(error);
      if (options.json) terminal.line(JSON.stringify({ error }));
    }
  };
  if (options.follow) await Promise.all(commands.map(print));
  else for (const command of commands) await print(command);
  return errors.size === 0;
}

async function printJournal(
  { transport }: Place,
  argv: readonly string[],
  { terminal, signal }: Context,
): Promise<void> {
  const lines = new Lines((line) => terminal.line(line));
  const { exitCode, stderr } = await transport.run(argv, { signal, onStdout: (chunk) => lines.add(chunk) });
  lines.end();
  if (exitCode !== 0)
    throw new CommandError(`Cannot read the journal on ${transport.address}: ${stderr.trim().split('\n').at(-1)}`);
}

/** Makes whole lines of pieces of an output. */
class Lines {
  private readonly decoder = new StringDecoder();
  private rest = '';

  constructor(private readonly take: (line: string) => void) {}

  add(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(line);
  }

  end(): void {
    if (this.rest !== '') this.take(this.rest);
  }
}

import { StringDecoder } from 'node:string_decoder';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Context, examples, run, SERVICES, withBundleOption, withOutputOptions } from './command';
import { withConnections } from './connections';
import { CommandError, Interrupted } from './errors';
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
        ['bulkhead logs --json', 'one object per line, with all fields of the journal'],
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

async function show(places: readonly Place[], options: Options, { terminal, signal }: Context): Promise<number> {
  const commands = places.flatMap(({ transport, manifests }) =>
    journalCommands(manifests, options).map((argv) => ({ transport, argv })),
  );
  const print = async ({ transport, argv }: (typeof commands)[number]) => {
    const lines = new Lines((line) => terminal.line(line));
    const { exitCode, stderr } = await transport.run(argv, { signal, onStdout: (chunk) => lines.add(chunk) });
    lines.end();
    if (exitCode !== 0)
      throw new CommandError(`Cannot read the journal on ${transport.address}: ${stderr.trim().split('\n').at(-1)}`);
  };
  try {
    if (options.follow) await Promise.all(commands.map(print));
    else for (const command of commands) await print(command);
    return 0;
  } catch (error) {
    // Whoever follows ends it so.
    if (options.follow && error instanceof Interrupted) return error.exitCode;
    throw error;
  }
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

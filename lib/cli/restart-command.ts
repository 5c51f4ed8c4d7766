import { Command } from 'commander';
import { restart } from '../engine';
import { type Context, examples, run, SERVICES, withBundleOption, withOutputOptions } from './command';
import { withConnections } from './connections';
import { type ErrorDocument, errorDocument } from './errors';
import { type Place, type PlacesOptions, placesOf, withHostOption } from './places';
import { count, duration } from './terminal';

/** What `bulkhead restart --json` prints. */
export interface RestartDocument {
  readonly hosts: readonly {
    readonly address: string;
    readonly services: readonly {
      readonly name: string;
      /** Construct path. */
      readonly path: string;
      readonly result: 'restarted' | 'failed';
      readonly error?: ErrorDocument;
    }[];
  }[];
}

type HostResult = RestartDocument['hosts'][number];

export function restartCommand(): Command {
  const command = new Command('restart').argument('<services...>', SERVICES);
  return withOutputOptions(withHostOption(withBundleOption(command)))
    .description('Restart services, and watch until they have started, as an apply does')
    .addHelpText(
      'after',
      examples([
        ['bulkhead restart web', 'as it lies on its host'],
        ["bulkhead restart 'shop-*' --json", 'several, for a script'],
        ['bulkhead restart web --host ssh://root@192.0.2.10', 'without its program'],
      ]),
    )
    .action((services: string[], options: PlacesOptions) =>
      run(options, (context) =>
        withConnections(async (connections) => {
          const places = await placesOf(services, options, connections, context);
          return restartAll(places, context);
        }),
      ),
    );
}

/** Restarts on all hosts at once. Returns the exit code. */
async function restartAll(places: readonly Place[], { terminal, signal }: Context): Promise<number> {
  const progress = terminal.progress();
  progress.waiting('restarting');
  const tell = (path: string, message: string) => progress.step(`${path}  ${message}`);
  try {
    const hosts = await Promise.all(places.map((place) => restartOn(place, { tell, signal })));
    signal.throwIfAborted();
    progress.end();
    const results = hosts.flatMap(({ services }) => services);
    const failed = results.filter(({ result }) => result === 'failed').length;
    const restarted = `Restarted ${failed > 0 ? `${results.length - failed} of ` : ''}${count(results.length, 'service')}`;
    terminal.print(`${restarted} in ${duration(progress.elapsed)}${failed > 0 ? `, ${failed} failed` : ''}.`);
    // That a host does not answer is the error of all of its services.
    for (const error of new Set(results.flatMap(({ error }) => error ?? []))) terminal.error(error);
    terminal.document({ hosts } satisfies RestartDocument);
    return failed > 0 ? 1 : 0;
  } finally {
    progress.end();
  }
}

interface Told {
  readonly tell: (path: string, message: string) => void;
  readonly signal: AbortSignal;
}

/** Never rejects: what is wrong with one host does not stop the others. */
async function restartOn({ address, transport, manifests }: Place, { tell, signal }: Told): Promise<HostResult> {
  const waiting = (message: string) => tell(address, message);
  let errorOf: (name: string) => ErrorDocument | undefined;
  try {
    const errors = await restart(transport, manifests, { progress: tell, waiting, signal });
    errorOf = (name) => {
      const error = errors.get(name);
      return error && errorDocument(error);
    };
  } catch (reason) {
    const error = errorDocument(reason);
    errorOf = () => error;
  }
  const services = manifests.map(({ name, path }) => {
    const error = errorOf(name);
    return { name, path, ...(error ? { result: 'failed' as const, error } : { result: 'restarted' as const }) };
  });
  return { address, services };
}

import { Command } from 'commander';
import type { Manifest } from '../manifest';
import { attachedArgv } from '../transport';
import { type Context, examples, run, withBundleOption } from './command';
import { withConnections } from './connections';
import { enter } from './enter/enter';
import { CommandError } from './errors';
import { type Place, type PlacesOptions, placesOf, withHostOption } from './places';
import { runAttached } from './run-attached';

const SERVICE = 'name of a service on its host, or its construct path';

const INSIDE = `It runs as the user of the service, in its root and its network:
  a container of podman, docker, containerd or an OCI runtime: by the exec of that runtime
  LXC, LXD and Incus: by lxc-attach, lxc exec and incus exec
  a machine of nspawn: in the namespaces of its first process
  a plain or portable service of systemd: in the namespaces of its main process, without its limits and its filter of
  system calls
A virtual machine can't be entered: use ssh.
`;

/** A shell of any system: bash where there is one. */
const SHELL = ['sh', '-c', 'TERM=${TERM:-xterm}; export TERM; command -v bash >/dev/null && exec bash; exec sh'];

export function execCommand(): Command {
  const command = new Command('exec')
    .argument('<service>', SERVICE)
    .argument('<command...>', 'a program and its arguments, after "--"');
  return withPlaceOptions(command)
    .description('Run a command inside of a service, with standard input and output, and exit with its code')
    .addHelpText('after', `\n${INSIDE}`)
    .addHelpText(
      'after',
      examples([
        ['bulkhead exec web -- ls -l /srv', 'in its file system'],
        ['bulkhead exec db -- pg_dump shop > shop.sql', 'what it prints, to a file of this machine'],
        ['bulkhead exec db -- psql shop < fix.sql', 'a file of this machine as its input'],
      ]),
    )
    .action((service: string, words: string[], options: PlacesOptions) => enterAndRun(service, words, options));
}

export function shellCommand(): Command {
  return withPlaceOptions(new Command('shell').argument('<service>', SERVICE))
    .description('Open a shell inside of a service: bash, or sh where there is no bash')
    .addHelpText('after', `\n${INSIDE}`)
    .addHelpText(
      'after',
      examples([
        ['bulkhead shell web', 'until exit, or Ctrl-D'],
        ['bulkhead shell web --host ssh://root@192.0.2.10', 'without its program'],
      ]),
    )
    .action((service: string, options: PlacesOptions) => enterAndRun(service, SHELL, options));
}

function withPlaceOptions(command: Command): Command {
  return withHostOption(withBundleOption(command)).option('--no-color', 'print errors without colours');
}

function enterAndRun(service: string, words: readonly string[], options: PlacesOptions): Promise<void> {
  return run(options, async (context) => runAttached(await attachedTo(service, words, options, context)));
}

/** The command on this machine that runs words inside of a service. */
function attachedTo(
  service: string,
  words: readonly string[],
  options: PlacesOptions,
  context: Context,
): Promise<readonly string[]> {
  const tty = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  return withConnections(async (connections) => {
    const places = await placesOf([service], options, connections, context);
    const { place, manifest } = onlyOne(service, places);
    const argv = await enter(place.transport, manifest, words, { tty, signal: context.signal });
    return attachedArgv(place, argv, tty);
  });
}

/** @throws CommandError when there is more than one service */
function onlyOne(service: string, places: readonly Place[]): { readonly place: Place; readonly manifest: Manifest } {
  const found = places.flatMap((place) => place.manifests.map((manifest) => ({ place, manifest })));
  const [first] = found;
  if (first && found.length === 1) return first;
  const names = found.map(({ place: { address }, manifest: { path } }) => `${path} on ${address}`);
  throw new CommandError(`Cannot choose a service by "${service}": expected one of ${names.join(', ')}`, {
    advice: 'name it by its construct path, and its host by --host',
  });
}

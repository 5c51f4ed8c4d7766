import { Command } from 'commander';
import { Lab, type LabInfo, type LabStatus } from '../lab';
import { labCommandLine } from '../manifest';
import { matches } from './bundles';
import { type Context, examples, type OutputOptions, run, withOutputOptions } from './command';
import { runAttached } from './run-attached';
import { duration, type Terminal } from './terminal';

interface Options extends OutputOptions {
  readonly name: string;
}

interface UpOptions extends Options {
  readonly packages?: readonly string[];
}

export function labCommand(): Command {
  return new Command('lab')
    .description(
      'Manage practice hosts: throwaway Debian systems with systemd, podman and nspawn on this machine; needs root',
    )
    .enablePositionalOptions()
    .addHelpText(
      'after',
      examples([
        ['bulkhead lab up', 'boots a practice host in seconds; builds it the first time'],
        ['bulkhead lab up --packages nginx,postgresql', 'with Debian packages of your choice'],
        ['bulkhead lab ssh', 'opens a shell in it'],
        ['bulkhead lab ssh systemctl --failed', 'runs a command in it'],
        ['bulkhead status --host lab', 'shows all services that Bulkhead runs there'],
        ['bulkhead lab status', 'shows all practice hosts of this machine'],
        ['bulkhead lab down', 'removes it with all its data'],
        ["bulkhead lab down --name 'test*'", 'removes all whose names begin with "test"'],
      ]),
    )
    .addHelpText(
      'after',
      `Use it in a program by its address: new Host(stack, 'host', { address: 'lab' })
It can reach only this machine: no registry, no name server, no apt. Add software with --packages, and images as
archives.\n`,
    )
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(restartCommand())
    .addCommand(statusCommand())
    .addCommand(sshCommand());
}

function labCommandOf(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--name <name>', 'name of the practice host; several can run side by side', 'default');
}

/** A command for all labs whose names match. */
function labsCommandOf(name: string, description: string, pattern: string): Command {
  return new Command(name)
    .description(description)
    .option('--name <name>', "names of practice hosts; '*' stands for any characters", pattern);
}

function upCommand(): Command {
  return withOutputOptions(labCommandOf('up', 'Boot the practice host, and build it if it does not exist'))
    .option(
      '--packages <names>',
      'Debian packages to add to a new practice host, separated by commas; their services are not started',
      (names: string) => names.split(','),
    )
    .action((options: UpOptions) =>
      run(options, (context) => booting(context, 'Up', (tell) => labOf(options).up(tell, context.signal))),
    );
}

function restartCommand(): Command {
  return withOutputOptions(labCommandOf('restart', 'Reboot the practice host; its disk is kept')).action(
    (options: Options) =>
      run(options, (context) => booting(context, 'Up again', (tell) => labOf(options).restart(tell, context.signal))),
  );
}

function downCommand(): Command {
  return withOutputOptions(labsCommandOf('down', 'Remove the practice host with all its data', 'default')).action(
    (options: Options) =>
      run(options, async ({ terminal }) => {
        const labs = await labsOf(options.name);
        await terminal.waiting('removing', () => Promise.all(labs.map((lab) => lab.down())));
        const gone = labs.map(({ name }) => ({ name, state: 'absent' }));
        terminal.print(...gone.map(({ name }) => `Lab "${name}" is removed.`), ...none(options.name, gone));
        terminal.document(oneOrAll(options.name, gone));
        return 0;
      }),
  );
}

function statusCommand(): Command {
  return withOutputOptions(labsCommandOf('status', 'Show the practice hosts, and how to reach them', '*')).action(
    (options: Options) =>
      run(options, async ({ terminal }) => {
        const labs = await labsOf(options.name);
        const all = await Promise.all(labs.map((lab) => lab.status()));
        terminal.print(...all.flatMap((status) => renderStatus(status, terminal)), ...none(options.name, all));
        terminal.document(oneOrAll(options.name, all));
        return 0;
      }),
  );
}

/** The lab of a name, or the existing ones that a pattern matches. */
async function labsOf(pattern: string): Promise<Lab[]> {
  if (!pattern.includes('*')) return [labOf({ name: pattern })];
  return (await Lab.all()).filter(({ name }) => matches(pattern, name));
}

function none(pattern: string, found: readonly unknown[]): string[] {
  if (found.length > 0) return [];
  return pattern === '*' ? ['There is no lab.', `  do: ${labCommandLine('up')}`] : [`No lab matches "${pattern}".`];
}

/** What JSON shows: an array for a pattern, whatever it matches. */
function oneOrAll<T>(pattern: string, documents: readonly T[]): T | readonly T[] | undefined {
  return pattern.includes('*') ? documents : documents[0];
}

function sshCommand(): Command {
  return labCommandOf('ssh', 'Open a shell in the practice host, or run a command there and exit with its code')
    .argument('[command...]', 'command for the shell of the host; arguments are joined by spaces, as in ssh(1)')
    .passThroughOptions()
    .action((command: string[], { name }: Options) =>
      run({ color: true }, async () => runAttached(labOf({ name }).sshArgv(command))),
    );
}

function labOf({ name, packages = [] }: Pick<UpOptions, 'name' | 'packages'>): Lab {
  return new Lab({ name, packages });
}

async function booting(
  { terminal }: Context,
  word: string,
  boot: (tell: (message: string) => void) => Promise<LabInfo>,
): Promise<number> {
  const progress = terminal.progress();
  try {
    progress.waiting('starting');
    const info = await boot((message) => progress.step(message));
    progress.end();
    terminal.print(`${word} in ${duration(progress.elapsed)}.`, ...renderInfo(info));
    terminal.document(info);
    return 0;
  } finally {
    progress.end();
  }
}

function renderStatus({ name, state, info, system, failedUnits }: LabStatus, terminal: Terminal): string[] {
  const failed = failedUnits.length > 0 ? `; failed: ${failedUnits.join(', ')}` : '';
  const line = `Lab "${name}" is ${state}${system ? ` (systemd: ${system}${failed})` : ''}.`;
  const way = state === 'running' ? [] : [`  do: ${labCommandLine('up', name)}`];
  return [terminal.style('bold', line), ...(info ? renderInfo(info) : way)];
}

function renderInfo({ name, address, sshConfig, packages }: LabInfo): string[] {
  return [
    `  address    ${address}`,
    `  Host       { address: '${name === 'default' ? 'lab' : `lab:${name}`}' }`,
    `  shell      ${labCommandLine('ssh', name)}`,
    `  OpenSSH    ssh -F ${sshConfig} lab`,
    ...(packages.length > 0 ? [`  packages   ${packages.join(', ')}`] : []),
  ];
}

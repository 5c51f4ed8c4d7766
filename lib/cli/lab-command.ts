import { Command } from 'commander';
import { Lab, type LabInfo, type LabStatus } from '../lab';
import { type Context, examples, type OutputOptions, run, withOutputOptions } from './command';
import { runAttached } from './run-attached';
import { duration, type Terminal } from './terminal';

interface Options extends OutputOptions {
  readonly name: string;
}

export function labCommand(): Command {
  return new Command('lab')
    .description('The practice host: a throwaway Debian with systemd, podman and nspawn on this machine; needs root')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      examples([
        ['bulkhead lab up', 'builds it the first time, then boots it in seconds'],
        ['bulkhead lab ssh', 'a shell in it'],
        ['bulkhead lab ssh systemctl --failed', 'a command in it'],
        ['bulkhead status --host lab', 'all that Bulkhead runs there'],
        ['bulkhead lab down', 'removes it and all that is in it'],
      ]),
    )
    .addHelpText('after', "A program names it by its address: new Host(stack, 'host', { address: 'lab' })\n")
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(restartCommand())
    .addCommand(statusCommand())
    .addCommand(sshCommand());
}

function labCommandOf(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--name <name>', 'which practice host; any number can run side by side', 'default');
}

function upCommand(): Command {
  return withOutputOptions(labCommandOf('up', 'Boot the practice host, and build it if there is none')).action(
    (options: Options) =>
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
  return withOutputOptions(labCommandOf('down', 'Remove the practice host and all that is in it')).action(
    (options: Options) =>
      run(options, async ({ terminal }) => {
        await terminal.waiting('removing', () => labOf(options).down());
        terminal.print(`Lab "${options.name}" is gone.`);
        terminal.document({ name: options.name, state: 'absent' });
        return 0;
      }),
  );
}

function statusCommand(): Command {
  return withOutputOptions(labCommandOf('status', 'Show whether the practice host is up, and how to reach it')).action(
    (options: Options) =>
      run(options, async ({ terminal }) => {
        const status = await labOf(options).status();
        terminal.print(...renderStatus(status, terminal));
        terminal.document(status);
        return 0;
      }),
  );
}

function sshCommand(): Command {
  return labCommandOf('ssh', 'Open a shell in the practice host, or run a command there and exit with its code')
    .argument('[command...]', 'joined by spaces and read by the shell of the host, as ssh(1) does')
    .passThroughOptions()
    .action((command: string[], { name }: Options) =>
      run({ color: true }, async () => runAttached(labOf({ name }).sshArgv(command))),
    );
}

function labOf({ name }: Pick<Options, 'name'>): Lab {
  return new Lab({ name });
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
  const way = state === 'running' ? [] : [`  do: bulkhead lab up${name === 'default' ? '' : ` --name ${name}`}`];
  return [terminal.style('bold', line), ...(info ? renderInfo(info) : way)];
}

function renderInfo({ name, address, sshConfig }: LabInfo): string[] {
  const isDefault = name === 'default';
  return [
    `  address    ${address}`,
    `  Host       { address: '${isDefault ? 'lab' : `lab:${name}`}' }`,
    `  shell      bulkhead lab ssh${isDefault ? '' : ` --name ${name}`}`,
    `  OpenSSH    ssh -F ${sshConfig} lab`,
  ];
}

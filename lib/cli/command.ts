import type { Command } from 'commander';
import type { BundleRequest } from './bundles';
import { errorDocument, Interrupted } from './errors';
import { interruptible } from './interrupt';
import { Terminal } from './terminal';

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

export interface BundleOptions extends OutputOptions {
  readonly bundle?: string;
  readonly trustSshOptions?: boolean;
  readonly trustSecrets?: boolean;
}

export interface SecretsOptions {
  readonly showSecrets?: boolean;
}

export interface TagsOptions {
  readonly checkTags?: boolean;
}

export interface ApprovalOptions extends BundleOptions, SecretsOptions, TagsOptions {
  readonly autoApprove?: boolean;
}

/** The options that every command takes. */
export function withOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document instead of text')
    .option('--no-color', 'print without colours; so does the environment variable NO_COLOR');
}

/** The options that say which stacks a command is about. */
export function withBundleOptions(command: Command): Command {
  return withBundleOption(
    command.argument(
      '[stacks...]',
      "names of stacks; '*' stands for any characters; optional if there is only one stack",
    ),
  );
}

export function withBundleOption(command: Command): Command {
  return command
    .option('--bundle <dir>', 'use the bundle, or all bundles, in this directory, without synthesis')
    .option(
      '--trust-ssh-options',
      'accept all sshOptions of the bundle, also ones that run programs here, such as ProxyCommand',
    )
    .option(
      '--trust-secrets',
      'read the variables and files, and run the commands, that the bundle names for its secrets',
    );
}

/** What to work on, as the options say. */
export function bundleRequest(
  stacks: readonly string[],
  { bundle, trustSshOptions, trustSecrets }: BundleOptions,
): BundleRequest {
  return { stacks, bundle, trustSshOptions, trustSecrets };
}

/** The option of commands that plan. */
export function withTagsOption(command: Command): Command {
  return command.option('--check-tags', 'ask registries whether the tags of pulled images have moved');
}

/** The option of commands that show how files change. */
export function withSecretsOption(command: Command): Command {
  return command.option('--show-secrets', 'print also contents of files that others may not read, and passwords');
}

export function withApprovalOption(command: Command): Command {
  return withSecretsOption(command.option('--auto-approve', 'do not ask; needed without a terminal'));
}

/** Runs a command and sets the exit code: its own, 1 after an error, 130 after Ctrl-C. */
export async function run(options: OutputOptions, work: (context: Context) => Promise<number>): Promise<void> {
  const terminal = new Terminal(options);
  try {
    process.exitCode = await interruptible((signal) => work({ terminal, signal }));
  } catch (thrown) {
    const error = errorDocument(thrown);
    terminal.document({ error });
    terminal.error(error);
    process.exitCode = thrown instanceof Interrupted ? thrown.exitCode : 1;
  }
}

/** What commands about services take as their arguments. */
export const SERVICES = "names of services on their host, or construct paths; '*' stands for any characters";

/** The part of a help text that shows how it is done. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  # ${meaning}`).join('\n')}\n`;
}

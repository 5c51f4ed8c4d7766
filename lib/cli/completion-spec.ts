import type { Command, Option } from 'commander';

/** What can be typed after one command. */
export interface CompletionSpec {
  /** The words that lead to it, each with a space before it: ``, ` plan`, ` lab up`. */
  readonly path: string;
  readonly subcommands: readonly Word[];
  /** Long options. */
  readonly options: readonly (Word & { readonly value: ValueKind })[];
  /** Fixed words that its argument may be. */
  readonly choices: readonly Word[];
  /** Whether its arguments are names of stacks. */
  readonly stacks: boolean;
  /** Whether its arguments are names of services. */
  readonly services: boolean;
}

export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** What follows an option: nothing, a directory, or something that only the user knows. */
export type ValueKind = 'none' | 'directory' | 'other';

/** Reads a command and all commands below it, so that what is completed is what is there. */
export function completionSpecs(command: Command, path = ''): CompletionSpec[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  const spec: CompletionSpec = {
    path,
    subcommands: subcommands.map((sub) => ({ word: sub.name(), meaning: firstLine(help.subcommandDescription(sub)) })),
    options: help.visibleOptions(command).flatMap((option) => {
      const { long } = option;
      return long ? [{ word: long, meaning: firstLine(help.optionDescription(option)), value: valueKind(option) }] : [];
    }),
    choices: command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, meaning: firstLine(description) })),
    ),
    stacks: command.registeredArguments.some((argument) => argument.name() === 'stacks'),
    services: command.registeredArguments.some((argument) => /^services?$/.test(argument.name())),
  };
  const below = subcommands.filter((sub) => sub.name() !== 'help');
  return [spec, ...below.flatMap((sub) => completionSpecs(sub, `${path} ${sub.name()}`))];
}

function valueKind(option: Option): ValueKind {
  if (!option.required && !option.optional) return 'none';
  return option.flags.endsWith('<dir>') ? 'directory' : 'other';
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

import type { Command } from 'commander';

/** An option as shells complete it. */
export interface CompletedOption {
  /** For example `--group`, and `-h` beside it. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty when any value will do. */
  readonly choices: readonly string[];
}

/** A command with everything below it. */
export interface CompletedCommand {
  readonly name: string;
  /** The words that lead to it, the program's name first. */
  readonly path: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments may be, where that is a fixed choice. */
  readonly choices: readonly string[];
  readonly commands: readonly CompletedCommand[];
}

/** The tree of commands as commander has it: what is completed is what is understood. */
export function completionTree(command: Command, above = ''): CompletedCommand {
  const path = `${above} ${command.name()}`.trim();
  const help = command.createHelp();
  return {
    name: command.name(),
    path,
    description: command.description(),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    commands: command.commands.map((sub) => completionTree(sub, path)),
  };
}

/** The command and everything below it. */
export function everyCommand(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** A word or sentence in single quotes of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

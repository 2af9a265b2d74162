import { Command, CommanderError } from 'commander';
import { oakumVersion } from '../admin/backup/oakum-version.ts';
import { oneLine } from '../errors/inert-text.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { COMMANDS, LAST_HEADING, type NamedCommand } from './commands.ts';

/** Runs one command line and sets the exit code: 0 done, 1 refused or failed. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('oakum')
    .description('An update server for Windows fleets')
    .version(oakumVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .showHelpAfterError('(run with --help for the options)')
    .exitOverride();
  for (const { heading, load } of asked(argv[2])) program.addCommand((await load()).helpGroup(heading));
  program.addHelpCommand(
    new Command('help').argument('[command]').description('Describe a command').helpGroup(LAST_HEADING),
  );
  throwInstead(program);
  process.stdout.on('error', refuseUnlessUnread);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** The command that was asked for alone; all of them for whoever wants a list, or mistyped. */
function asked(name: string | undefined): readonly NamedCommand[] {
  const command = COMMANDS.find((one) => one.name === name);
  // What completes all of them must see all of them.
  return command === undefined || command.name === 'completion' ? COMMANDS : [command];
}

/** Whoever reads the output may have seen enough, as `head` does: what is not read any more is no fault. */
function refuseUnlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Lets errors of every command reach the one place that explains them. */
function throwInstead(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwInstead(sub);
}

/** One clear sentence on standard error, and the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof OakumError) {
    // Messages quote titles and names, which were written elsewhere.
    process.stderr.write(`oakum: ${oneLine(error.message)} ${error.definition.cure} (${error.code})\n`);
    return 1;
  }
  throw error;
}

import { Command, CommanderError } from 'commander';
import { OakumError } from '../errors/oakum-error.ts';
import { serveCommand } from './serve.ts';
import { importCommand } from './import.ts';

/** Runs one command line and sets the exit code: 0 done, 1 refused or failed. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('oakum')
    .description('An update server for Windows fleets')
    .showHelpAfterError('(run with --help for the options)')
    .exitOverride();
  for (const command of [serveCommand(), importCommand()]) program.addCommand(command.exitOverride());
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** One clear sentence on standard error, and the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof OakumError) {
    process.stderr.write(`oakum: ${error.message} ${error.definition.cure} (${error.code})\n`);
    return 1;
  }
  throw error;
}

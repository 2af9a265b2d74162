import { Command, CommanderError } from 'commander';
import { OakumError } from '../errors/oakum-error.ts';
import { agentCommand } from './agent.ts';
import { approvalRequestsCommand } from './approval-requests.ts';
import { approveCommand, declineCommand, undeclineCommand } from './approve.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { benchCommand } from './bench.ts';
import { completionCommand } from './completion.ts';
import { complianceCommand } from './compliance.ts';
import { computersCommand } from './computers.ts';
import { configCommand } from './config.ts';
import { contentCommand } from './content.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { eventsCommand } from './events.ts';
import { groupsCommand } from './groups.ts';
import { housekeepingCommand } from './housekeeping.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { licencesCommand } from './licences.ts';
import { applyCommand, driftCommand, planCommand, policyCommand } from './policy.ts';
import { notificationsCommand } from './notifications.ts';
import { probeCommand } from './probe.ts';
import { restoreCommand } from './restore.ts';
import { ringsCommand } from './rings.ts';
import { rulesCommand } from './rules.ts';
import { sampleCommand } from './sample.ts';
import { serveCommand } from './serve.ts';
import { oneLine } from '../errors/inert-text.ts';
import { tlsCommand } from './tls.ts';
import { tokenCommand } from './token.ts';
import { updatesCommand } from './updates.ts';
import { usersCommand } from './users.ts';

const COMMANDS = [
  serveCommand,
  importCommand,
  sampleCommand,
  updatesCommand,
  approveCommand,
  declineCommand,
  undeclineCommand,
  approvalRequestsCommand,
  groupsCommand,
  rulesCommand,
  ringsCommand,
  planCommand,
  applyCommand,
  driftCommand,
  policyCommand,
  licencesCommand,
  auditCommand,
  computersCommand,
  complianceCommand,
  eventsCommand,
  explainCommand,
  housekeepingCommand,
  notificationsCommand,
  contentCommand,
  doctorCommand,
  backupCommand,
  restoreCommand,
  agentCommand,
  probeCommand,
  benchCommand,
  configCommand,
  keysCommand,
  usersCommand,
  tokenCommand,
  tlsCommand,
  completionCommand,
];

/** Runs one command line and sets the exit code: 0 done, 1 refused or failed. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('oakum')
    .description('An update server for Windows fleets')
    .enablePositionalOptions()
    .showHelpAfterError('(run with --help for the options)')
    .exitOverride();
  for (const create of COMMANDS) program.addCommand(create());
  throwInstead(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
  }
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

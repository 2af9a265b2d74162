import type { Command } from 'commander';

/** A command by the word that asks for it. What it is made of is read only when it is needed: most is not. */
export interface NamedCommand {
  readonly name: string;
  /** Under which heading the help lists it. */
  readonly heading: string;
  readonly load: () => Promise<Command>;
}

/** Where the help lists what is no work on a server. */
export const LAST_HEADING = 'Trying and measuring:';

const under = (
  heading: string,
  commands: Readonly<Record<string, NamedCommand['load']>>,
): readonly NamedCommand[] => Object.entries(commands).map(([name, load]) => ({ name, heading, load }));

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly NamedCommand[] = [
  ...under('The server:', {
    serve: async () => (await import('./serve.ts')).serveCommand(),
    config: async () => (await import('./config.ts')).configCommand(),
    tls: async () => (await import('./tls.ts')).tlsCommand(),
    keys: async () => (await import('./keys.ts')).keysCommand(),
    doctor: async () => (await import('./doctor.ts')).doctorCommand(),
    backup: async () => (await import('./backup.ts')).backupCommand(),
    restore: async () => (await import('./restore.ts')).restoreCommand(),
    housekeeping: async () => (await import('./housekeeping.ts')).housekeepingCommand(),
  }),
  ...under('Updates:', {
    import: async () => (await import('./import.ts')).importCommand(),
    content: async () => (await import('./content.ts')).contentCommand(),
    updates: async () => (await import('./updates.ts')).updatesCommand(),
    licences: async () => (await import('./licences.ts')).licencesCommand(),
  }),
  ...under('Decisions:', {
    approve: async () => (await import('./approve.ts')).approveCommand(),
    decline: async () => (await import('./approve.ts')).declineCommand(),
    undecline: async () => (await import('./approve.ts')).undeclineCommand(),
    'approval-requests': async () => (await import('./approval-requests.ts')).approvalRequestsCommand(),
    rules: async () => (await import('./rules.ts')).rulesCommand(),
    rings: async () => (await import('./rings.ts')).ringsCommand(),
    plan: async () => (await import('./policy.ts')).planCommand(),
    apply: async () => (await import('./policy.ts')).applyCommand(),
    drift: async () => (await import('./policy.ts')).driftCommand(),
    policy: async () => (await import('./policy.ts')).policyCommand(),
  }),
  ...under('The fleet:', {
    computers: async () => (await import('./computers.ts')).computersCommand(),
    groups: async () => (await import('./groups.ts')).groupsCommand(),
    compliance: async () => (await import('./compliance.ts')).complianceCommand(),
    explain: async () => (await import('./explain.ts')).explainCommand(),
    events: async () => (await import('./events.ts')).eventsCommand(),
  }),
  ...under('People and programs:', {
    users: async () => (await import('./users.ts')).usersCommand(),
    token: async () => (await import('./token.ts')).tokenCommand(),
    audit: async () => (await import('./audit.ts')).auditCommand(),
    notifications: async () => (await import('./notifications.ts')).notificationsCommand(),
  }),
  ...under(LAST_HEADING, {
    sample: async () => (await import('./sample.ts')).sampleCommand(),
    agent: async () => (await import('./agent.ts')).agentCommand(),
    probe: async () => (await import('./probe.ts')).probeCommand(),
    bench: async () => (await import('./bench.ts')).benchCommand(),
    completion: async () => (await import('./completion.ts')).completionCommand(),
  }),
];

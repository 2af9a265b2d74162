/** What keeps a server in order, in the order in which it is done. */
export const HOUSEKEEPING_TASKS = [
  'rules',
  'rollouts',
  'expired',
  'superseded',
  'revisions',
  'files',
  'computers',
  'events',
  'records',
  'optimise',
  'notifications',
] as const;
export type HousekeepingTask = (typeof HOUSEKEEPING_TASKS)[number];

/** One sentence for each. */
export const HOUSEKEEPING_MEANING: Readonly<Record<HousekeepingTask, string>> = {
  rules: 'Runs auto-approval rules that are due.',
  rollouts: 'Moves rollouts through their rings.',
  expired: 'Declines updates that expired and that nobody decided about for some days.',
  superseded:
    'Declines updates that an approved one supersedes, if no computer needs them and nobody decided about them for some days.',
  revisions: 'Deletes old revisions of updates, except where a bundle or a prerequisite refers to them.',
  files: 'Deletes stored files that no approved or needed update has used for some days.',
  computers: 'Deletes computers that were not in contact for some days.',
  events: 'Deletes events that are older than some days.',
  records:
    'Deletes findings that passed, sets of installed updates that no computer has, old history and notifications, and trends after two years.',
  optimise: 'Lets the database look after its indexes and its log.',
  notifications: 'Looks for what subscriptions want to be told of; see "oakum notifications".',
};

/** Done often, because somebody waits for it; the others a few times a day. */
export const FREQUENT_TASKS: readonly HousekeepingTask[] = ['rules', 'rollouts', 'notifications'];

/** After how many days; 0 switches off deleting computers, files, revisions or events, or declining. */
export interface HousekeepingPolicy {
  readonly expiredDays: number;
  readonly supersededDays: number;
  readonly revisionDays: number;
  readonly fileDays: number;
  readonly computerDays: number;
  readonly eventDays: number;
  /** Findings that do not occur any more. */
  readonly findingDays: number;
  readonly historyDays: number;
}

/** Something that was done, or in a dry run would be. */
export interface HousekeepingAction {
  readonly task: HousekeepingTask;
  /** An UpdateID, client id, digest or name. */
  readonly subject: string;
  /** For people. */
  readonly title: string;
  readonly reason: string;
}

/** What one task did. */
export interface TaskOutcome {
  readonly task: HousekeepingTask;
  readonly actions: readonly HousekeepingAction[];
}

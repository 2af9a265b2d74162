/** What may be wrong with a computer, as administrators name it. */
export const FINDING_KINDS = [
  'duplicate-id',
  'not-registered',
  'silent',
  'not-scanning',
  'not-reporting',
  'unknown-group',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One sentence for each: what it means. */
export const FINDING_MEANING: Readonly<Record<FindingKind, string>> = {
  'duplicate-id':
    'Several computers use this client id, as clones of one image do; they overwrite one another.',
  'not-registered': 'The computer asked for access but never registered.',
  silent: 'The computer has not been in contact for days.',
  'not-scanning': 'The computer is in contact but has not scanned for days.',
  'not-reporting': 'The computer scans but has not reported its status for days.',
  'unknown-group': 'The computer asks for a group that does not exist.',
};

/** One sentence for each: what to do about it. */
export const FINDING_CURE: Readonly<Record<FindingKind, string>> = {
  'duplicate-id':
    'On each clone stop the service wuauserv, delete the values SusClientId and SusClientIdValidation below ' +
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate, start it and run "wuauclt ' +
    '/resetauthorization /detectnow" or "usoclient StartScan"; then delete the computer here.',
  'not-registered':
    'Let it scan again; if it stays so, look at its Windows Update log for 0x80244015 and its kin.',
  silent: 'Check that it is switched on, on the network and that its policy names this server; or delete it.',
  'not-scanning': 'Look at its Windows Update log; a damaged download cache is the usual cause.',
  'not-reporting': 'Check that its policy names this server as statistics server too.',
  'unknown-group': 'Create the group, or correct the name in the group policy.',
};

/**
 * What is remembered of one kind of identity under one client id: what it was before it became what it is now.
 * A computer that is renamed leaves its name for good; two that share an id bring theirs back again and again.
 */
export interface IdentityChange {
  readonly before: string;
  readonly now: string;
  /** Identities seen earlier, the one before not counted. */
  readonly earlier: ReadonlySet<string>;
}

/** Whether a change shows that two computers share an id: A, B, A. A single change is a new name or new hardware. */
export function showsSharedId({ before, now, earlier }: IdentityChange): boolean {
  return before !== now && earlier.has(now);
}

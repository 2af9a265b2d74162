/**
 * What is known of one update on one computer. The numbers are those of WSUS and of the servers' protocol
 * ([MS-WSUSSS] 3.1.4.17.3.4); the first two have no row of their own and follow from times.
 */
export const StatusState = Object.freeze({
  Unknown: 0,
  NotApplicable: 1,
  Needed: 2,
  Downloaded: 3,
  Installed: 4,
  Failed: 5,
  PendingReboot: 6,
});
export type StatusState = (typeof StatusState)[keyof typeof StatusState];

/** As results name them, by number. */
export const STATE_NAMES = [
  'unknown',
  'notApplicable',
  'needed',
  'downloaded',
  'installed',
  'failed',
  'pendingReboot',
] as const;
export type StateName = (typeof STATE_NAMES)[number];

/** How many updates of a computer, or computers of an update, are in each state. */
export type StatusCounts = Readonly<Record<StateName, number>>;

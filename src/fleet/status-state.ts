/**
 * What is known of one update on one computer. The numbers are those of WSUS and of the servers' protocol
 * ([MS-WSUSSS] 3.1.4.17.3.4); the first two have no row of their own, see {@link stateWithoutRow}.
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

/**
 * When a computer scanned last, as far as states follow from it. A computer that never reported its states is
 * not known to need nothing, whatever else it sent (observed on real servers): undefined.
 */
export function effectiveDetection(computer: {
  readonly lastDetectionMs: number | null;
  readonly lastReportMs: number | null;
}): number | undefined {
  if (computer.lastReportMs === null || computer.lastDetectionMs === null) return undefined;
  return computer.lastDetectionMs;
}

/** The state of an update a computer has reported nothing of. */
export function stateWithoutRow(
  countsSinceMs: number,
  detectionMs: number | undefined,
): 'unknown' | 'notApplicable' {
  return detectionMs !== undefined && countsSinceMs < detectionMs ? 'notApplicable' : 'unknown';
}

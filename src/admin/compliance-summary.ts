import type { StatusCounts } from '../fleet/status-state.ts';
import type { SetSummary, Summaries } from '../store/status-summaries.ts';

/** The states of all pairs of a set of computers and a set of updates. */
export interface ComplianceSummary extends StatusCounts {
  readonly computers: number;
  readonly updates: number;
  /** Of the computers; of the updates when the summary is about updates. */
  readonly withNeeded: number;
  readonly withFailed: number;
  readonly withPendingReboot: number;
  /** Without anything needed, failed or waiting for a restart, as far as is known. */
  readonly withNone: number;
}

/** What the sums of a set of computers come to, over all updates. */
export function ofComputers(known: Pick<Summaries, 'updates'>, summary: SetSummary): ComplianceSummary {
  return withMembers(summary, { computers: summary.members, updates: known.updates });
}

/** What the sums of a set of updates come to, over all computers. */
export function ofUpdates(known: Pick<Summaries, 'computers'>, summary: SetSummary): ComplianceSummary {
  return withMembers(summary, { computers: known.computers, updates: summary.members });
}

function withMembers(
  summary: SetSummary,
  members: Pick<ComplianceSummary, 'computers' | 'updates'>,
): ComplianceSummary {
  const { withNeeded, withFailed, withPendingReboot } = summary;
  const withNone = summary.members - summary.withOpen;
  return { ...members, ...summary.counts, withNeeded, withFailed, withPendingReboot, withNone };
}

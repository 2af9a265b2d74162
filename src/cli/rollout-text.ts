import type { RolloutStepView, RolloutView } from '../admin/rings.ts';
import { time } from './table.ts';

/** How far a rollout is, what it waits for or why it halted, in one line. */
export function progressOf(rollout: RolloutView): string {
  const steps = rollout.steps.map(stepText).join(', ');
  const { next, reason } = rollout;
  if (rollout.state === 'halted' && reason !== null) return `${steps}: ${reasonText(reason)}`;
  if (next === null) return steps;
  if (next.kind !== 'wait') return `${steps}: goes on at once`;
  return next.why === 'time'
    ? `${steps}: goes on at ${time(next.untilMs)}`
    : `${steps}: goes on when ${percent(next.needed)} have it (now ${percent(next.share)})`;
}

function stepText({ group, counts }: RolloutStepView): string {
  if (counts === undefined) return `${group} -`;
  const all = counts.installed + counts.failed + counts.needed + counts.unknown;
  return `${group} ${counts.installed}/${all}${counts.failed > 0 ? ` (${counts.failed} failed)` : ''}`;
}

function reasonText(reason: NonNullable<RolloutView['reason']>): string {
  if (reason.kind === 'declined') return 'the update was declined';
  if (reason.kind === 'expired') return 'the update has expired';
  if (reason.kind === 'licence') return 'its new revision has a licence that nobody accepted';
  const codes = (reason.codes ?? []).map((one) => `${hexadecimal(one.hresult)} on ${one.computers}`);
  return (
    `${reason.failed ?? 0} of ${reason.results ?? 0} failed in ${reason.group ?? ''}, ` +
    `${percent(reason.limit ?? 0)} may (${codes.join(', ')})`
  );
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

function hexadecimal(hresult: number): string {
  return `0x${(hresult >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}

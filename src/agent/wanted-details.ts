import type { CachedUpdate } from './evaluation/cached-update.ts';
import type { Evaluation } from './evaluation/evaluation.ts';

/** Whether an agent reports the state of an update: leaf software that may be deployed, and no bundle's member. */
export function isReported({ core, action }: CachedUpdate): boolean {
  return core.explicitlyDeployable && action !== 'Bundle' && action !== 'Evaluate';
}

/**
 * What an agent asks the details of at the end of a scan: the updates that are needed, approved or not and
 * superseded or not, with the members of bundles, bundles among them too, that are needed; and the categories that
 * the computer belongs to, whose titles it shows (all observed).
 */
export function wantedDetails(evaluation: Evaluation): ReadonlySet<CachedUpdate> {
  const wanted = new Set<CachedUpdate>();
  for (const update of evaluation.updates()) {
    const state = evaluation.state(update);
    if (state === 'Installed' && update.core.updateType === 'Category') wanted.add(update);
    if (state === 'Needed' && isReported(update)) addNeeded(evaluation, update, wanted);
  }
  return wanted;
}

function addNeeded(evaluation: Evaluation, update: CachedUpdate, wanted: Set<CachedUpdate>): void {
  const waiting = [update];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (wanted.has(one) || evaluation.state(one) !== 'Needed') continue;
    wanted.add(one);
    for (const clause of one.core.relations.bundled) {
      waiting.push(...clause.flatMap((member) => evaluation.member(member) ?? []));
    }
  }
}

import { setDeclined, touchDeployments } from '../store/approvals.ts';
import { appendAudit } from '../store/audit.ts';
import {
  expiredCandidates,
  supersededCandidates,
  type DeclineCandidate,
} from '../store/housekeeping-declines.ts';
import { deleteRevisions, References, replacedRevisions } from '../store/housekeeping-revisions.ts';
import type { DbOrTx, Tx } from '../store/schema.ts';
import { advance } from '../store/sequence.ts';
import type { HousekeepingContext } from './housekeeping-context.ts';

const DECLINES_AT_ONCE = 100;
const REVISIONS_AT_ONCE = 25;

export async function declineExpired(context: HousekeepingContext): Promise<void> {
  const { expiredDays } = context.options.policy;
  const beforeMs = context.before(expiredDays);
  if (beforeMs === undefined) return;
  await decline(context, 'expired', (db, among) => expiredCandidates(db, beforeMs, among));
}

export async function declineSuperseded(context: HousekeepingContext): Promise<void> {
  const { supersededDays } = context.options.policy;
  const beforeMs = context.before(supersededDays);
  if (beforeMs === undefined) return;
  await decline(context, 'superseded', (db, among) => supersededCandidates(db, beforeMs, among));
}

type FindCandidates = (db: DbOrTx, among?: readonly number[]) => Promise<DeclineCandidate[]>;

async function decline(context: HousekeepingContext, why: string, find: FindCandidates): Promise<void> {
  const reason = ({ supersededBy }: DeclineCandidate): string =>
    supersededBy === undefined ? 'expired' : `superseded by ${supersededBy}, needed by no computer`;
  await context.inSlices(
    await find(context.db),
    DECLINES_AT_ONCE,
    (one) => context.action(one.updateId, one.title, `declined: ${reason(one)}`),
    async (tx, slice) => {
      const still = await find(
        tx,
        slice.map((one) => one.number),
      );
      for (const { number, updateId } of still) {
        await setDeclined(tx, number, true, context.nowMs);
        await appendAudit(tx, {
          timeMs: context.nowMs,
          caller: context.caller.name,
          action: 'update.decline',
          subject: updateId,
          after: { declined: true, why },
        });
      }
      await touchDeployments(
        tx,
        still.map((one) => one.number),
        context.nowMs,
      );
      return still;
    },
  );
}

/**
 * Deletes what newer revisions have replaced. Clients that still have one are told that it is out of scope, as they
 * are while it is there. What a prerequisite names keeps every revision, because clients may have any of them
 * installed; what a bundle names keeps that one.
 */
export async function deleteOldRevisions(context: HousekeepingContext): Promise<void> {
  const beforeMs = context.before(context.options.policy.revisionDays);
  if (beforeMs === undefined) return;
  const replaced = await replacedRevisions(context.db, beforeMs);
  if (replaced.length === 0) return;
  const references = new References();
  await references.readOn(context.db, () => context.pause());
  const unreferenced = replaced.filter((one) => !references.has(one));
  await context.inSlices(
    unreferenced,
    REVISIONS_AT_ONCE,
    (one) =>
      context.action(
        one.updateId,
        one.title,
        `deleted: revision ${one.revisionNumber}, replaced by a newer one`,
      ),
    async (tx, slice) => {
      // An import may have brought a bundle since.
      await references.readOn(tx);
      const ids = slice.map((one) => one.id);
      const still = (await replacedRevisions(tx, beforeMs, ids)).filter((one) => !references.has(one));
      await deleteRevisions(
        tx,
        still.map((one) => one.id),
      );
      return still;
    },
  );
  if (context.options.dryRun !== true && context.actions.length > 0) await announce(context);
}

// Once for all of them: the catalogue is read anew when revisions are gone. Until then servers know revisions that
// they send to nobody; had this process died before, the next change of any kind would tell them.
async function announce(context: HousekeepingContext): Promise<void> {
  await context.db.transaction().execute((tx: Tx) => advance(tx, 'catalog_change'));
}

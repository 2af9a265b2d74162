import { ITEMS_NAMED } from '../../fleet/notification-event.ts';
import type { HaltReason } from '../../fleet/rollout-ring.ts';
import { parseUpdateId } from '../../metadata/update-identity.ts';
import { auditAfter, type StoredAuditEntry } from '../../store/audit.ts';
import { listGroups } from '../../store/groups.ts';
import { notify } from '../../store/notifications.ts';
import { listRules } from '../../store/rules.ts';
import type { Db, Tx } from '../../store/schema.ts';
import { isAuditUntold, noteToldAudit, readToldAudit } from '../../store/told-audit.ts';
import { listUpdates } from '../../store/update-list.ts';
import type { AuditedDecision } from '../approvals.ts';
import { inTransaction } from '../dry-run.ts';

const ENTRIES_AT_ONCE = 2000;

/**
 * Makes notifications of what was changed. The audit log is written in the transaction of each change and is never
 * changed itself, so it is all that needs to be read: nobody who changes something waits for this, and changes close
 * together become one notification.
 *
 * @returns whether there was anything; then there may be more
 */
export async function tellAudited(db: Db, nowMs: number): Promise<boolean> {
  // Looked at before a transaction takes the lock of everybody who writes.
  if (!(await isAuditUntold(db))) return false;
  return inTransaction(db, false, async (tx) => {
    const entries = await auditAfter(tx, await readToldAudit(tx), ENTRIES_AT_ONCE);
    const last = entries.at(-1);
    if (last === undefined) return false;
    await noteToldAudit(tx, last.number);
    await tellRollouts(tx, entries, nowMs);
    await tellBackups(tx, entries, nowMs);
    await notify(tx, 'rule.approved', nowMs, () => approvalsOf(tx, entries));
    await notify(tx, 'audit.changed', nowMs, {
      count: entries.length,
      firstNumber: entries[0].number,
      lastNumber: last.number,
      changes: entries.slice(0, ITEMS_NAMED).map(({ number, timeMs, caller, action, subject }) => ({
        number,
        timeMs,
        caller,
        action,
        subject,
      })),
    });
    return true;
  });
}

/** What the log tells of a rollout that stopped or ended; see changeState. */
interface AuditedRollout {
  readonly ring: string;
  readonly reason: HaltReason | null;
}

async function tellRollouts(tx: Tx, entries: readonly StoredAuditEntry[], nowMs: number): Promise<void> {
  for (const { action, subject, after } of entries) {
    if (action !== 'rollout.halt' && action !== 'rollout.finish') continue;
    const { ring, reason } = after as AuditedRollout;
    const rollout = async () => ({ updateId: subject, title: await titleOf(tx, subject), ring });
    if (action === 'rollout.finish') await notify(tx, 'rollout.finished', nowMs, rollout);
    else
      await notify(tx, 'rollout.halted', nowMs, async () => {
        const { kind = 'failures', group, failed, results } = reason ?? {};
        const name = group === undefined ? undefined : await groupName(tx, group);
        return {
          ...(await rollout()),
          reason: kind,
          ...(name === undefined ? {} : { group: name }),
          ...(failed === undefined ? {} : { failed }),
          ...(results === undefined ? {} : { results }),
        };
      });
  }
}

async function tellBackups(tx: Tx, entries: readonly StoredAuditEntry[], nowMs: number): Promise<void> {
  for (const { action, subject, after } of entries) {
    if (action !== 'backup.create') continue;
    const { bytes } = after as { readonly bytes: number };
    await notify(tx, 'backup.done', nowMs, { path: subject, bytes });
  }
}

/** Decisions of rules among what was approved. */
async function approvalsOf(tx: Tx, entries: readonly StoredAuditEntry[]) {
  const made = entries
    .filter((entry) => entry.action === 'update.approve')
    .flatMap((entry) => ruleDecisions(entry).map((decision) => ({ updateId: entry.subject, decision })));
  if (made.length === 0) return undefined;
  const rules = new Map((await listRules(tx)).map((one) => [`rule:${one.id}`, one.name]));
  const approvals = [];
  for (const { updateId, decision } of made.slice(0, ITEMS_NAMED)) {
    approvals.push({
      updateId,
      title: await titleOf(tx, updateId),
      rule: rules.get(decision.source) ?? decision.source,
      group: decision.group,
      action: decision.action,
    });
  }
  return { count: made.length, approvals };
}

function ruleDecisions({ before, after }: StoredAuditEntry): AuditedDecision[] {
  const known = new Set(decisionsOf(before).map((one) => JSON.stringify(one)));
  return decisionsOf(after).filter(
    (one) => one.source.startsWith('rule:') && !known.has(JSON.stringify(one)),
  );
}

function decisionsOf(state: unknown): readonly AuditedDecision[] {
  return (state as { readonly approvals?: readonly AuditedDecision[] } | undefined)?.approvals ?? [];
}

/** The UpdateID itself for what is gone from the catalogue. */
async function titleOf(tx: Tx, text: string): Promise<string> {
  const updateId = parseUpdateId(text);
  const [update] = updateId === undefined ? [] : await listUpdates(tx, { updateId });
  return update?.title ?? text;
}

async function groupName(tx: Tx, id: string): Promise<string> {
  return (await listGroups(tx)).find((group) => group.id === id)?.name ?? id;
}

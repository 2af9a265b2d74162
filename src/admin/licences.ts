import { OakumError } from '../errors/oakum-error.ts';
import { renewApprovals, touchDeployments } from '../store/approvals.ts';
import { appendAudit } from '../store/audit.ts';
import { acceptLicence, approvedUnderLicence, licenceOf, listLicences } from '../store/licences.ts';
import { forgetRuleCheck } from '../store/rules.ts';
import type { Db, DbOrTx, Tx } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { findUpdate } from './updates.ts';

/** A licence as administrators see it. */
export interface LicenceView {
  readonly eulaId: string;
  readonly acceptedMs: number | null;
  readonly acceptedBy: string | null;
  /** Updates whose newest revision has it. */
  readonly updates: readonly Pick<ListedUpdate, 'updateId' | 'title'>[];
}

/** Licences that updates have, those not accepted yet first. */
export async function viewLicences(
  db: DbOrTx,
  filter: { readonly pending?: boolean; readonly limit?: number },
): Promise<LicenceView[]> {
  const licences = await listLicences(db);
  const wanted = filter.pending === true ? licences.filter((one) => one.acceptedMs === null) : licences;
  return wanted.slice(0, filter.limit);
}

/** Accepts a licence if the request says so. @throws OakumError OAK_LICENCE_NOT_ACCEPTED otherwise */
export async function requireLicence(
  tx: Tx,
  caller: Caller,
  update: ListedUpdate,
  request: { readonly acceptLicence?: boolean; readonly nowMs: number },
): Promise<void> {
  const licence = await licenceOf(tx, update.number);
  if (licence === undefined || licence.acceptedMs !== null) return;
  if (request.acceptLicence !== true) {
    throw new OakumError('OAK_LICENCE_NOT_ACCEPTED', {
      detail: `"${update.title}" (${update.updateId}), licence ${licence.eulaId}.`,
    });
  }
  await accept(tx, caller, licence.eulaId, request.nowMs);
}

export interface AcceptanceRequest {
  /** Updates as people name them. */
  readonly updates: readonly string[];
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Accepts the licences of updates on behalf of all users. Approvals that waited for it take effect.
 *
 * @returns the updates whose licence was not accepted before
 */
export async function acceptLicences(
  db: Db,
  caller: Caller,
  request: AcceptanceRequest,
): Promise<ListedUpdate[]> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      const licence = await licenceOf(tx, update.number);
      if (licence === undefined || licence.acceptedMs !== null) continue;
      await accept(tx, caller, licence.eulaId, request.nowMs);
      changed.push(update);
    }
    return changed;
  });
}

async function accept(tx: Tx, caller: Caller, eulaId: string, nowMs: number): Promise<void> {
  await acceptLicence(tx, { eulaId, nowMs, caller: caller.name });
  const waiting = await approvedUnderLicence(tx, eulaId);
  for (const number of waiting) await renewApprovals(tx, number);
  await touchDeployments(tx, waiting, nowMs);
  // Rules pass updates over until their licence is accepted.
  await forgetRuleCheck(tx);
  await appendAudit(tx, {
    timeMs: nowMs,
    caller: caller.name,
    action: 'licence.accept',
    subject: eulaId,
    after: { eulaId, acceptedMs: nowMs },
  });
}

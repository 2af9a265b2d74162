import { randomUUID } from 'node:crypto';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { ApprovalAction } from '../../src/catalog/catalog-rows.ts';
import { ALL_COMPUTERS } from '../../src/fleet/server-state.ts';
import { putApproval, setDeclined, touchDeployments } from '../../src/store/approvals.ts';
import { acceptLicence, licenceOf } from '../../src/store/licences.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import type { Store } from '../../src/store/open-store.ts';

/** Changes to a store as an administrator's process makes them, beside the server that uses it. */

export async function numberOf(store: Store, updateId: UpdateId): Promise<number> {
  const entries = store.db.selectFrom('update_entry').select('number').where('update_id', '=', updateId);
  return (await entries.executeTakeFirstOrThrow()).number;
}

/** What a restored or moved server gets: cookies of the old identity are ServerChanged. */
export async function changeIdentity(store: Store): Promise<void> {
  await store.db.updateTable('server').set({ value: randomUUID() }).where('key', '=', 'identity').execute();
}

export interface TestDecision {
  readonly updateId: UpdateId;
  readonly action: ApprovalAction;
  readonly deadlineMs?: number;
  /** All computers unless said. */
  readonly groupId?: Guid;
  readonly nowMs: number;
}

/** Decides about an update for a group, and accepts its licence. */
export async function approve(store: Store, decision: TestDecision): Promise<void> {
  const updateNumber = await numberOf(store, decision.updateId);
  const { action, deadlineMs = null, groupId = ALL_COMPUTERS, nowMs } = decision;
  await store.db.transaction().execute(async (tx) => {
    const licence = await licenceOf(tx, updateNumber);
    if (licence !== undefined) await acceptLicence(tx, { eulaId: licence.eulaId, nowMs, caller: 'test' });
    await putApproval(tx, { updateNumber, groupId, action, deadlineMs, nowMs });
    await touchDeployments(tx, [updateNumber], nowMs);
  });
}

export async function decline(store: Store, updateId: UpdateId, nowMs: number): Promise<void> {
  const updateNumber = await numberOf(store, updateId);
  await store.db.transaction().execute(async (tx) => {
    await setDeclined(tx, updateNumber, true, nowMs);
    await touchDeployments(tx, [updateNumber], nowMs);
  });
}

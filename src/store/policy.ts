import type { DbOrTx, Tx } from './schema.ts';

/** The policy that was applied last. */
export interface AppliedPolicy {
  /** Plain data, as admin/policy/policy-document.ts declares it. */
  readonly document: unknown;
  readonly appliedMs: number;
  readonly caller: string;
}

export async function readAppliedPolicy(db: DbOrTx): Promise<AppliedPolicy | undefined> {
  const row = await db.selectFrom('policy').selectAll().executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    document: JSON.parse(row.document) as unknown,
    appliedMs: row.applied_ms,
    caller: row.caller,
  };
}

/** Keeps a policy in place of the one before. */
export async function putAppliedPolicy(tx: Tx, policy: AppliedPolicy): Promise<void> {
  const { caller } = policy;
  const change = { document: JSON.stringify(policy.document), applied_ms: policy.appliedMs, caller };
  await tx
    .insertInto('policy')
    .values({ id: 1, ...change })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
    .execute();
}

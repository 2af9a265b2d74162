import { sql, type RawBuilder, type Selectable } from 'kysely';
import {
  parseRolloutRing,
  type HaltReason,
  type RolloutProgress,
  type RolloutRing,
} from '../fleet/rollout-ring.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx, Tx } from './schema.ts';
import type { RolloutTable } from './schema/decision-tables.ts';

export interface StoredRing {
  readonly id: number;
  readonly name: string;
  readonly ring: RolloutRing;
}

export async function listRings(db: DbOrTx): Promise<StoredRing[]> {
  const rows = await db.selectFrom('ring').selectAll().orderBy('name').execute();
  return rows.map((row) => ({ id: row.id, name: row.name, ring: parseRolloutRing(JSON.parse(row.body)) }));
}

/** Stores a ring, in place of what had its name. Rollouts that are under way keep the ring they began with. */
export async function putRing(tx: Tx, name: string, ring: RolloutRing): Promise<number> {
  const body = JSON.stringify(ring);
  const row = await tx
    .insertInto('ring')
    .values({ name, body })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ body }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Deletes a ring with the history of its rollouts. */
export async function deleteRing(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('rollout').where('ring_id', '=', id).execute();
  await tx.deleteFrom('ring').where('id', '=', id).execute();
}

/**
 * `running` goes on by itself; `paused` was stopped by a person, `halted` by failures: their approvals take no
 * effect meanwhile. `finished` and `rolled-back` are the end.
 */
export const ROLLOUT_STATES = ['running', 'paused', 'halted', 'finished', 'rolled-back'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** One update on its way through a ring, as the ring was when it began. */
export interface StoredRollout extends RolloutProgress {
  readonly id: number;
  readonly ringId: number;
  readonly ringName: string;
  readonly updateNumber: number;
  readonly updateId: UpdateId;
  readonly state: RolloutState;
  /** Why it halted. */
  readonly reason: HaltReason | null;
  readonly startedMs: number;
  readonly caller: string;
}

export interface RolloutFilter {
  readonly ringId?: number;
  readonly updateNumber?: number;
  readonly states?: readonly RolloutState[];
  readonly id?: number;
}

/** What rollouts can be sorted by. There are hundreds of them: each page looks at all that fit. */
export const ROLLOUT_SORTS: SortTable = {
  usual: '-startedMs',
  keys: {
    startedMs: [sql`started_ms`, sql`rollout.id`],
    ring: [sql`ring.name`, sql`rollout.id`],
    state: [sql`state`, sql`rollout.id`],
  },
};

type RolloutRow = Selectable<RolloutTable> & { readonly name: string; readonly update_id: string };

/** Rollouts, newest first. */
export async function listRollouts(db: DbOrTx, filter: RolloutFilter): Promise<StoredRollout[]> {
  const { rows } = await sql<RolloutRow>`
    SELECT rollout.*, ring.name, update_entry.update_id ${fitting(filter)} ORDER BY rollout.id DESC`.execute(
    db,
  );
  return rows.map(rolloutOf);
}

/** Some of the rollouts that fit. */
export async function pageOfRollouts(
  db: DbOrTx,
  filter: RolloutFilter,
  page: ListPage,
): Promise<ListPart<StoredRollout>> {
  const { keys, behind, order, limit } = keyset(ROLLOUT_SORTS, page);
  const { rows } = await sql<RolloutRow & KeyColumns>`
    SELECT rollout.*, ring.name, update_entry.update_id, ${keys} ${fitting(filter)} AND ${behind}
    ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, rolloutOf);
}

function fitting({ id, ringId, updateNumber, states }: RolloutFilter): RawBuilder<unknown> {
  const conditions: RawBuilder<unknown>[] = [sql`TRUE`];
  if (id !== undefined) conditions.push(sql`rollout.id = ${id}`);
  if (ringId !== undefined) conditions.push(sql`ring_id = ${ringId}`);
  if (updateNumber !== undefined) conditions.push(sql`update_number = ${updateNumber}`);
  // Literals, as the index of open rollouts has them.
  if (states !== undefined)
    conditions.push(sql`state IN (${sql.join(states.map((state) => sql.lit(state)))})`);
  return sql`
    FROM rollout JOIN ring ON ring.id = rollout.ring_id
      JOIN update_entry ON update_entry.number = rollout.update_number
    WHERE ${sql.join(conditions, sql` AND `)}`;
}

function rolloutOf(row: RolloutRow): StoredRollout {
  return {
    id: row.id,
    ringId: row.ring_id,
    ringName: row.name,
    updateNumber: row.update_number,
    updateId: row.update_id as UpdateId,
    ring: parseRolloutRing(JSON.parse(row.body)),
    state: row.state as RolloutState,
    step: row.step,
    stepMs: row.step_ms,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as HaltReason),
    forgiven: JSON.parse(row.forgiven) as number[],
    startedMs: row.started_ms,
    caller: row.caller,
  };
}

export async function insertRollout(
  tx: Tx,
  rollout: Pick<StoredRollout, 'ringId' | 'updateNumber' | 'ring' | 'startedMs' | 'caller'>,
): Promise<number> {
  const row = await tx
    .insertInto('rollout')
    .values({
      ring_id: rollout.ringId,
      update_number: rollout.updateNumber,
      body: JSON.stringify(rollout.ring),
      state: 'running',
      step: 0,
      step_ms: rollout.startedMs,
      reason: null,
      started_ms: rollout.startedMs,
      caller: rollout.caller,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function updateRollout(
  tx: Tx,
  id: number,
  change: Partial<Pick<StoredRollout, 'state' | 'step' | 'stepMs' | 'reason' | 'forgiven'>>,
): Promise<void> {
  await tx
    .updateTable('rollout')
    .set({
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(change.step === undefined ? {} : { step: change.step }),
      ...(change.stepMs === undefined ? {} : { step_ms: change.stepMs }),
      ...(change.forgiven === undefined ? {} : { forgiven: JSON.stringify(change.forgiven) }),
      ...(change.reason === undefined
        ? {}
        : { reason: change.reason === null ? null : JSON.stringify(change.reason) }),
    })
    .where('id', '=', id)
    .execute();
}

const PAUSED = 'rollouts_paused';

/** Whether somebody stopped everything that goes on by itself: rollouts, and rules that approve. */
export async function isAllPaused(db: DbOrTx): Promise<boolean> {
  const row = await db.selectFrom('server').select('value').where('key', '=', PAUSED).executeTakeFirst();
  return row?.value === 'true';
}

export async function setAllPaused(tx: Tx, paused: boolean): Promise<void> {
  const value = String(paused);
  await tx
    .insertInto('server')
    .values({ key: PAUSED, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

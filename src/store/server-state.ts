import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS, type ServerState } from '../fleet/server-state.ts';
import { parseGuid } from '../soap/simple-type.ts';
import type { Db, DbOrTx, Tx } from './schema.ts';

/** Gives a new store its identity and the groups every WSUS server has. Does nothing to an old one. */
export async function seedServer(
  db: Db,
  seed: { readonly identity: string; readonly nowMs: number },
): Promise<void> {
  const known = await db
    .selectFrom('server')
    .select('value')
    .where('key', '=', 'identity')
    .executeTakeFirst();
  if (known !== undefined) return;
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('server')
      .values([
        { key: 'identity', value: seed.identity },
        { key: 'configuration_changed_ms', value: String(seed.nowMs) },
      ])
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .insertInto('target_group')
      .values([
        { id: ALL_COMPUTERS, name: 'All Computers', parent_id: null },
        { id: UNASSIGNED_COMPUTERS, name: 'Unassigned Computers', parent_id: ALL_COMPUTERS },
      ])
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

export async function readServerState(db: DbOrTx): Promise<ServerState> {
  const rows = await db.selectFrom('server').selectAll().execute();
  const values = new Map(rows.map((row) => [row.key, row.value]));
  const identity = parseGuid(values.get('identity') ?? '');
  if (identity === undefined) throw new Error('the store has no server identity');
  return { identity, configurationChangedMs: Number(values.get('configuration_changed_ms')) };
}

/**
 * Remembers what GetConfig tells clients; moves LastChange when it differs from what they were told last.
 *
 * @param fingerprint any text that is equal exactly while the configuration is
 */
export async function noteConfiguration(tx: Tx, fingerprint: string, nowMs: number): Promise<void> {
  const known = await tx
    .selectFrom('server')
    .select('value')
    .where('key', '=', 'configuration')
    .executeTakeFirst();
  if (known?.value === fingerprint) return;
  await setServerValue(tx, 'configuration', fingerprint);
  if (known !== undefined) await setServerValue(tx, 'configuration_changed_ms', String(nowMs));
}

/** Sets one fact about the server as a whole. */
export async function setServerValue(tx: DbOrTx, key: string, value: string): Promise<void> {
  await tx
    .insertInto('server')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

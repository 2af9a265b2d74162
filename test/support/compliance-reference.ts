import { UNASSIGNED_COMPUTERS } from '../../src/fleet/server-state.ts';
import { STATE_NAMES, type StatusCounts } from '../../src/fleet/status-state.ts';
import { categoriesOf } from '../../src/store/counted-updates.ts';
import { type DbOrTx } from '../../src/store/schema.ts';
import { RevisionFlag } from '../../src/store/schema/catalogue-tables.ts';

/** A computer, an update and what is known of them. */
export interface Pair {
  readonly clientId: string;
  readonly update: number;
  readonly state: keyof StatusCounts;
}

export interface Reference {
  readonly pairs: readonly Pair[];
  readonly computers: ReadonlyMap<string, readonly string[]>;
  readonly updates: ReadonlyMap<number, readonly number[]>;
}

/** Works out the state of every pair from what is stored, one by one and without any sum. */
export async function recomputeCompliance(db: DbOrTx): Promise<Reference> {
  const computers = await db.selectFrom('computer').selectAll().execute();
  const memberships = await db.selectFrom('computer_group').selectAll().execute();
  const entries = await db.selectFrom('update_entry').selectAll().execute();
  const revisions = await db.selectFrom('revision').selectAll().where('change', 'is not', null).execute();
  const since = await db.selectFrom('update_status').select(['number', 'from_ms']).execute();
  const rows = await db.selectFrom('status').selectAll().execute();
  const fromMs = new Map(since.map((row) => [row.number, row.from_ms]));
  const updates = new Map<number, readonly number[]>();
  for (const { number, declined } of entries) {
    const latest = revisions
      .filter((row) => row.update_number === number)
      .sort((one, other) => other.revision_number - one.revision_number)
      .at(0);
    if (latest === undefined || declined !== 0) continue;
    if ((latest.flags & RevisionFlag.ExplicitlyDeployable) === 0) continue;
    updates.set(number, categoriesOf(latest.relations));
  }
  const pairs: Pair[] = [];
  for (const computer of computers) {
    const { client_id: clientId, last_report_ms: reported, last_detection_ms: detected } = computer;
    for (const update of updates.keys()) {
      const row = rows.find((one) => one.computer === computer.number && one.update_number === update);
      const known = reported !== null && detected !== null && fromMs.get(update)! < detected;
      const state = row === undefined ? (known ? 'notApplicable' : 'unknown') : STATE_NAMES[row.state];
      pairs.push({ clientId, update, state });
    }
  }
  return {
    pairs,
    updates,
    computers: new Map(
      computers.map(({ client_id: clientId }) => {
        const groups = memberships.filter((row) => row.client_id === clientId).map((row) => row.group_id);
        return [clientId, groups.length > 0 ? groups : [UNASSIGNED_COMPUTERS]];
      }),
    ),
  };
}

export function countPairs(pairs: readonly Pair[]): StatusCounts {
  const counts = Object.fromEntries(STATE_NAMES.map((name) => [name, 0])) as Record<
    keyof StatusCounts,
    number
  >;
  for (const { state } of pairs) counts[state]++;
  return counts;
}

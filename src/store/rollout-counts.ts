import { sql } from 'kysely';
import { groupTree } from '../fleet/group-line.ts';
import type { StepCounts } from '../fleet/rollout-ring.ts';
import { directGroups, requestedGroupNames, type TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listGroups } from './groups.ts';
import type { DbOrTx } from './schema.ts';

const INSTALLED = 4;
const FAILED = 5;

/** How an update stands among the computers of a group and of those below it. */
export async function readStepCounts(
  db: DbOrTx,
  asked: { readonly updateNumber: number; readonly groupId: Guid; readonly targeting: TargetingMode },
): Promise<StepCounts> {
  const placements = JSON.stringify(await placementsIn(db, asked.groupId, asked.targeting));
  const { rows } = await sql<{ state: number; hresult: number; computers: number }>`
    SELECT state, hresult, count(*) AS computers
    FROM status JOIN computer_status ON computer_status.number = status.computer
    WHERE update_number = ${asked.updateNumber} AND placement IN (SELECT value FROM json_each(${placements}))
    GROUP BY state, hresult`.execute(db);
  const unknown = await sql<{ computers: number }>`
    SELECT count(*) AS computers FROM computer_status
    WHERE placement IN (SELECT value FROM json_each(${placements}))
      AND after_ms < coalesce((SELECT from_ms FROM update_status WHERE number = ${asked.updateNumber}), -1)
      AND NOT EXISTS (SELECT 1 FROM status
        WHERE computer = computer_status.number AND update_number = ${asked.updateNumber})`.execute(db);
  const count = (wanted: (state: number) => boolean): number =>
    rows.filter((row) => wanted(row.state)).reduce((sum, row) => sum + row.computers, 0);
  return {
    installed: count((state) => state === INSTALLED),
    failed: count((state) => state === FAILED),
    needed: count((state) => state !== INSTALLED && state !== FAILED),
    unknown: unknown.rows[0].computers,
    codes: new Map(
      rows.filter((row) => row.state === FAILED).map((row) => [row.hresult, row.computers] as const),
    ),
  };
}

/** The sets of groups that computers have and that lead into a group, see the migration of `placement`. */
async function placementsIn(db: DbOrTx, groupId: Guid, targeting: TargetingMode): Promise<number[]> {
  const groups = await listGroups(db);
  const tree = new Set(groupTree(groups, groupId));
  const { rows } = await sql<{ id: number; group_ids: string; requested_groups: string }>`
    SELECT id, group_ids, requested_groups FROM placement`.execute(db);
  return rows
    .filter((row) =>
      directGroups(
        targeting,
        {
          groupIds: row.group_ids === '' ? [] : (row.group_ids.split(' ') as Guid[]),
          requestedGroups: requestedGroupNames(row.requested_groups).join(';'),
        },
        groups,
      ).some((id) => tree.has(id)),
    )
    .map((row) => row.id);
}

import type { DatabaseSync } from 'node:sqlite';
import {
  assignableComputer,
  assignedByRules,
  fittingRules,
  groupRuleOf,
  type GroupRuleRow,
} from './group-rules.ts';
import type { ComputerTable } from './schema/fleet-tables.ts';

/**
 * Assigns computers by rules as they register, inside the transaction that is open: those that are in no group
 * and of which nobody decided by hand that they shall be in none. Without rules it costs a look at an empty table.
 *
 * @returns to be called before what the computer says is stored; what that returns, afterwards
 */
export function preparePlacing(database: DatabaseSync): (clientId: string) => () => void {
  const rules = database.prepare('SELECT id, name, group_id, body FROM group_rule ORDER BY name');
  const registered = database.prepare(
    'SELECT 1 FROM computer WHERE client_id = ? AND registered_ms IS NOT NULL',
  );
  const unplaced = database.prepare(
    `SELECT * FROM computer WHERE client_id = ?1 AND assigned_by IS NULL
       AND NOT EXISTS (SELECT 1 FROM computer_group WHERE client_id = ?1)`,
  );
  const join = database.prepare(
    'INSERT INTO computer_group (client_id, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const mark = database.prepare('UPDATE computer SET assigned_by = ?2 WHERE client_id = ?1');
  const announce = database.prepare(`UPDATE sequence SET value = value + 1 WHERE name = 'fleet_change'`);
  return (clientId) => {
    const rows = rules.all() as unknown as readonly GroupRuleRow[];
    if (rows.length === 0) return nothing;
    // Nobody remembers where a computer is that has not registered yet.
    const isRemembered = registered.get(clientId) !== undefined;
    return () => {
      const computer = unplaced.get(clientId) as unknown as ComputerTable | undefined;
      if (computer === undefined) return;
      const fitting = fittingRules(rows.map(groupRuleOf), assignableComputer(computer));
      if (fitting.length === 0) return;
      for (const { groupId } of fitting) join.run(clientId, groupId);
      mark.run(clientId, assignedByRules(fitting));
      if (isRemembered) announce.run();
    };
  };
}

function nothing(): void {}

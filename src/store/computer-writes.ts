import { Buffer } from 'node:buffer';
import type { DatabaseSync } from 'node:sqlite';
import { DETAIL_COLUMNS, DETAIL_NAMES } from './computer-columns.ts';
import { prepareIdentityWatch } from './identity-watch.ts';
import { preparePlacing } from './place-computer.ts';
import type { WriteHandlers } from './write-command.ts';

/** What computers write about themselves, inside the transaction that is open. */
export function prepareComputerWrites(
  database: DatabaseSync,
): Pick<WriteHandlers, 'greet' | 'register' | 'seen' | 'scanned'> {
  // Where clients decide about their groups, other processes must forget what they remember of this one.
  const announceMove = database.prepare(
    `UPDATE sequence SET value = value + 1
     WHERE name = 'fleet_change'
       AND EXISTS (SELECT 1 FROM computer WHERE client_id = ? AND requested_groups <> ?)`,
  );
  const greet = database.prepare(
    `INSERT INTO computer (
       client_id, dns_name, greeted_name, address, requested_groups, first_seen_ms, last_contact_ms)
     VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?5)
     ON CONFLICT (client_id) DO UPDATE SET
       dns_name = ?2, greeted_name = ?2, address = ?3, requested_groups = ?4, last_contact_ms = ?5`,
  );
  const create = database.prepare(
    `INSERT INTO computer (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms)
     VALUES (?1, ?1, ?2, '', ?3, ?3)
     ON CONFLICT (client_id) DO NOTHING`,
  );
  const values = DETAIL_NAMES.map((name, index) => {
    const column = DETAIL_COLUMNS[name];
    // A client that leaves out its name is still called what it said when it greeted.
    return column === 'dns_name'
      ? `dns_name = coalesce(?${index + 3}, dns_name)`
      : `${column} = ?${index + 3}`;
  });
  const register = database.prepare(
    `UPDATE computer SET registered_ms = ?2, last_contact_ms = ?2, ${values.join(', ')} WHERE client_id = ?1`,
  );
  const seen = database.prepare(
    `UPDATE computer SET last_contact_ms = ?2 WHERE client_id = ?1 AND last_contact_ms < ?2`,
  );
  const putSet = database.prepare(
    `INSERT INTO installed_set (digest, ids) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING`,
  );
  const scanned = database.prepare(
    `UPDATE computer SET last_scan_ms = ?2, installed_set = ?3
     WHERE client_id = ?1 AND (last_scan_ms IS NULL OR last_scan_ms <= ?2)`,
  );
  const watch = prepareIdentityWatch(database);
  const placing = preparePlacing(database);
  return {
    greet: ({ greeting: { clientId, dnsName, address, requestedGroups }, nowMs }) => {
      watch.greeted(clientId, dnsName, nowMs);
      announceMove.run(clientId, requestedGroups);
      greet.run(clientId, dnsName, address, requestedGroups, nowMs);
    },
    register: ({ clientId, address, details, nowMs }) => {
      watch.registered(clientId, [details.manufacturer, details.model, details.biosName], nowMs);
      const place = placing(clientId);
      create.run(clientId, address, nowMs);
      register.run(clientId, nowMs, ...DETAIL_NAMES.map((name) => details[name] ?? null));
      place();
    },
    seen: ({ computers }) => {
      for (const [clientId, ms] of computers) seen.run(clientId, ms);
    },
    scanned: ({ sets, computers }) => {
      for (const { digest, ids } of sets) putSet.run(bytesOf(digest), bytesOf(ids));
      for (const [clientId, ms, digest] of computers)
        scanned.run(clientId, ms, digest === null ? null : bytesOf(digest));
    },
  };
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

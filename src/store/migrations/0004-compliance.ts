import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { recountUpdates } from '../counted-updates.ts';

/**
 * States of computers and updates, and the sums over them.
 *
 * The sums are kept by triggers: whatever writes a row of `status`, moves a computer or deletes one, in
 * whichever process and also through a foreign key, moves every sum in the same statement. A row costs four
 * small updates of pages that are in the cache anyway (about 8 µs), a report that changes nothing costs none.
 *
 * - `status` has a row for each state from Needed on. A row whose update is not in `update_status` is dead: it
 *   counts for nothing and goes with the computer's next report. Deleting it when its update is declined would
 *   rewrite a page for each computer.
 * - `update_status` has a row for each update that counts: not declined, latest published revision explicitly
 *   deployable. `from_ms` is since when.
 * - `placement` is a set of groups and of requested groups that computers have, `category_set` a set of
 *   categories that updates have. Sums are kept for these, so that a group with its subgroups, or a product with
 *   several classifications, counts nothing twice.
 * - `arrival` and `detection_count` tell Unknown from NotApplicable without a row for each pair: how many updates
 *   count since when, and how many computers scanned after which of these times last (`after_ms`; -1: never).
 *   A row of `status` is early when its update counts since after that; these are rare, and are subtracted.
 */
const VECTOR = ['needed', 'downloaded', 'installed', 'failed', 'pending_reboot', 'early'] as const;
const STATES = { needed: 2, downloaded: 3, installed: 4, failed: 5, pending_reboot: 6 } as const;

/** Members of a set that have at least one of something. */
const CLASSES = {
  with_needed: (row: string) => `(${row}.needed + ${row}.downloaded + ${row}.pending_reboot > 0)`,
  with_failed: (row: string) => `(${row}.failed > 0)`,
  with_pending: (row: string) => `(${row}.pending_reboot > 0)`,
  with_open: (row: string) =>
    `(${row}.needed + ${row}.downloaded + ${row}.pending_reboot + ${row}.failed > 0)`,
} as const;

const columns = (names: readonly string[]): string =>
  names.map((name) => `${name} INTEGER NOT NULL DEFAULT 0`).join(', ');
const SUMS = [...VECTOR, ...Object.keys(CLASSES)];

/** Moves the sums of a set from what one of its members was to what it is. */
function difference(from: string, to: string): string {
  return [
    ...VECTOR.map((name) => `${name} = ${name} - ${from}.${name} + ${to}.${name}`),
    ...Object.entries(CLASSES).map(([name, test]) => `${name} = ${name} - ${test(from)} + ${test(to)}`),
  ].join(', ');
}

function all(sign: '+' | '-', row: string): string {
  return [
    ...VECTOR.map((name) => `${name} = ${name} ${sign} ${row}.${name}`),
    ...Object.entries(CLASSES).map(([name, test]) => `${name} = ${name} ${sign} ${test(row)}`),
  ].join(', ');
}

/** Moves the counts of a computer or an update with one row of `status`. */
function states(sign: '+' | '-', row: string): string {
  return Object.entries(STATES)
    .map(([name, state]) => `${name} = ${name} ${sign} (${row}.state = ${state})`)
    .join(', ');
}

const earlyOfUpdate = (row: string): string =>
  `(from_ms > coalesce((SELECT after_ms FROM computer_status WHERE number = ${row}.computer), -1))`;
const fromOf = (row: string): string =>
  `(SELECT from_ms FROM update_status WHERE number = ${row}.update_number)`;

function onStatus(sign: '+' | '-', row: string): string {
  return `UPDATE computer_status SET ${states(sign, row)}, early = early ${sign} (${fromOf(row)} > after_ms)
      WHERE number = ${row}.computer
        AND EXISTS (SELECT 1 FROM update_status WHERE number = ${row}.update_number);
    UPDATE update_status SET ${states(sign, row)}, early = early ${sign} ${earlyOfUpdate(row)}
      WHERE number = ${row}.update_number;`;
}

/** Detections of a set of computers. An upsert would take the conflict rules of the statement outside. */
function detections(sign: '+' | '-', row: string): string {
  const where = `placement = ${row}.placement AND after_ms = ${row}.after_ms`;
  return sign === '+'
    ? `INSERT INTO detection_count SELECT ${row}.placement, ${row}.after_ms, 0
        WHERE NOT EXISTS (SELECT 1 FROM detection_count WHERE ${where});
      UPDATE detection_count SET computers = computers + 1 WHERE ${where};`
    : `UPDATE detection_count SET computers = computers - 1 WHERE ${where};
      DELETE FROM detection_count WHERE ${where} AND computers = 0;`;
}

function arrivals(sign: '+' | '-', row: string): string {
  const where = `from_ms = ${row}.from_ms AND category_set = ${row}.category_set`;
  return sign === '+'
    ? `INSERT INTO arrival SELECT ${row}.from_ms, ${row}.category_set, 0
        WHERE NOT EXISTS (SELECT 1 FROM arrival WHERE ${where});
      UPDATE arrival SET updates = updates + 1 WHERE ${where};`
    : `UPDATE arrival SET updates = updates - 1 WHERE ${where};
      DELETE FROM arrival WHERE ${where} AND updates = 0;`;
}

const enterPlacement = (row: string): string =>
  `UPDATE placement SET computers = computers + 1, ${all('+', row)} WHERE id = ${row}.placement;
    ${detections('+', row)}`;
const leavePlacement = (row: string): string =>
  `UPDATE placement SET computers = computers - 1, ${all('-', row)} WHERE id = ${row}.placement;
    DELETE FROM placement WHERE id = ${row}.placement AND computers = 0;
    ${detections('-', row)}`;
const enterCategories = (row: string): string =>
  `UPDATE category_set SET updates = updates + 1, ${all('+', row)} WHERE id = ${row}.category_set;
    ${arrivals('+', row)}`;
const leaveCategories = (row: string): string =>
  `UPDATE category_set SET updates = updates - 1, ${all('-', row)} WHERE id = ${row}.category_set;
    ${arrivals('-', row)}`;

/** Finds the placement of a computer anew after its groups changed. */
function place(clientId: string): string {
  const groupIds = `coalesce((SELECT group_concat(group_id, ' ') FROM
      (SELECT group_id FROM computer_group WHERE client_id = ${clientId} ORDER BY group_id)), '')`;
  const requested = `(SELECT requested_groups FROM computer WHERE client_id = ${clientId})`;
  const where = `group_ids = ${groupIds} AND requested_groups = ${requested}`;
  return `INSERT INTO placement (group_ids, requested_groups) SELECT ${groupIds}, ${requested}
      WHERE EXISTS (SELECT 1 FROM computer_status WHERE client_id = ${clientId})
        AND NOT EXISTS (SELECT 1 FROM placement WHERE ${where});
    UPDATE computer_status SET placement = (SELECT id FROM placement WHERE ${where}) WHERE client_id = ${clientId};`;
}

const TABLES = [
  `ALTER TABLE computer ADD COLUMN number INTEGER`,
  `ALTER TABLE computer ADD COLUMN last_detection_ms INTEGER`,
  `ALTER TABLE computer ADD COLUMN last_report_ms INTEGER`,
  `ALTER TABLE update_entry ADD COLUMN undeclined_ms INTEGER NOT NULL DEFAULT 0`,
  `INSERT INTO sequence VALUES ('counted_change', 1), ('last_detection', 0), ('status_day', 0)`,
  `CREATE TABLE placement (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     group_ids TEXT NOT NULL, requested_groups TEXT NOT NULL,
     computers INTEGER NOT NULL DEFAULT 0, ${columns(SUMS)},
     UNIQUE (group_ids, requested_groups))`,
  // AUTOINCREMENT: a number names rows of a deleted computer never.
  `CREATE TABLE computer_status (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     client_id TEXT NOT NULL UNIQUE,
     placement INTEGER NOT NULL,
     after_ms INTEGER NOT NULL DEFAULT -1,
     lists_digest INTEGER,
     report_hour INTEGER NOT NULL DEFAULT -1,
     ${columns(VECTOR)})`,
  `CREATE TABLE detection_count (
     placement INTEGER NOT NULL, after_ms INTEGER NOT NULL, computers INTEGER NOT NULL,
     PRIMARY KEY (placement, after_ms)) WITHOUT ROWID`,
  `CREATE TABLE category_set (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     categories TEXT NOT NULL UNIQUE,
     updates INTEGER NOT NULL DEFAULT 0, ${columns(SUMS)})`,
  `CREATE TABLE update_status (
     number INTEGER PRIMARY KEY,
     category_set INTEGER NOT NULL,
     from_ms INTEGER NOT NULL,
     ${columns(VECTOR)})`,
  `CREATE TABLE arrival (
     from_ms INTEGER NOT NULL, category_set INTEGER NOT NULL, updates INTEGER NOT NULL,
     PRIMARY KEY (from_ms, category_set)) WITHOUT ROWID`,
  `CREATE TABLE status (
     computer INTEGER NOT NULL,
     update_number INTEGER NOT NULL,
     state INTEGER NOT NULL CHECK (state BETWEEN 2 AND 6),
     since_ms INTEGER NOT NULL,
     hresult INTEGER NOT NULL,
     PRIMARY KEY (computer, update_number)) WITHOUT ROWID`,
  `CREATE INDEX status_update ON status (update_number, state)`,
  `CREATE INDEX status_failed ON status (hresult, update_number) WHERE state = 5`,
  `CREATE INDEX status_pending ON status (since_ms) WHERE state = 6`,
  `CREATE TABLE status_history (
     day INTEGER NOT NULL,
     scope TEXT NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL,
     members INTEGER NOT NULL, unknown INTEGER NOT NULL, ${columns(SUMS)},
     PRIMARY KEY (day, scope, first, second)) WITHOUT ROWID`,
  `CREATE TABLE event_refusal (
     code TEXT PRIMARY KEY,
     events INTEGER NOT NULL,
     last_ms INTEGER NOT NULL,
     last_client_id TEXT NOT NULL) WITHOUT ROWID`,
  // A 156 is in the states, and of what names no update the latest of its kind is enough.
  `DELETE FROM event WHERE event_id = 156 AND update_id IS NULL`,
  `DELETE FROM event WHERE update_id IS NULL AND rowid NOT IN
     (SELECT max(rowid) FROM event WHERE update_id IS NULL GROUP BY client_id, event_id)`,
  `CREATE INDEX event_latest ON event (client_id, event_id) WHERE update_id IS NULL`,
  `CREATE INDEX event_update ON event (update_id) WHERE update_id IS NOT NULL`,
];

const detected = `coalesce((SELECT max(from_ms) FROM arrival WHERE from_ms < new.last_detection_ms), -1)`;

const TRIGGERS = [
  `CREATE TRIGGER status_inserted AFTER INSERT ON status BEGIN ${onStatus('+', 'new')} END`,
  `CREATE TRIGGER status_deleted AFTER DELETE ON status BEGIN ${onStatus('-', 'old')} END`,
  `CREATE TRIGGER status_changed AFTER UPDATE OF state ON status WHEN old.state <> new.state BEGIN
     ${onStatus('-', 'old')} ${onStatus('+', 'new')} END`,

  `CREATE TRIGGER computer_counted AFTER UPDATE OF ${VECTOR.join(', ')} ON computer_status
   WHEN old.placement = new.placement BEGIN
     UPDATE placement SET ${difference('old', 'new')} WHERE id = new.placement; END`,
  `CREATE TRIGGER computer_placed AFTER UPDATE OF placement ON computer_status
   WHEN old.placement <> new.placement BEGIN ${leavePlacement('old')} ${enterPlacement('new')} END`,
  `CREATE TRIGGER computer_entered AFTER INSERT ON computer_status BEGIN ${enterPlacement('new')} END`,
  `CREATE TRIGGER computer_left AFTER DELETE ON computer_status BEGIN ${leavePlacement('old')} END`,
  `CREATE TRIGGER computer_detected AFTER UPDATE OF after_ms ON computer_status
   WHEN old.after_ms <> new.after_ms BEGIN ${detections('-', 'old')} ${detections('+', 'new')} END`,
  `CREATE TRIGGER computer_no_longer_early AFTER UPDATE OF after_ms ON computer_status
   WHEN old.after_ms <> new.after_ms AND old.early > 0 BEGIN
     UPDATE update_status SET early = early - 1
       WHERE from_ms > old.after_ms AND from_ms <= new.after_ms
         AND number IN (SELECT update_number FROM status WHERE computer = new.number);
     UPDATE computer_status SET early = (
         SELECT count(*) FROM status JOIN update_status ON update_status.number = status.update_number
         WHERE status.computer = new.number AND update_status.from_ms > new.after_ms)
       WHERE number = new.number; END`,

  `CREATE TRIGGER update_counted AFTER UPDATE OF ${VECTOR.join(', ')} ON update_status
   WHEN old.category_set = new.category_set BEGIN
     UPDATE category_set SET ${difference('old', 'new')} WHERE id = new.category_set; END`,
  `CREATE TRIGGER update_categorised AFTER UPDATE OF category_set ON update_status
   WHEN old.category_set <> new.category_set BEGIN ${leaveCategories('old')} ${enterCategories('new')} END`,
  `CREATE TRIGGER update_entered AFTER INSERT ON update_status BEGIN ${enterCategories('new')} END`,
  `CREATE TRIGGER update_left AFTER DELETE ON update_status BEGIN
     ${leaveCategories('old')}
     UPDATE computer_status SET ${states('-', 'row')}, early = early - (old.from_ms > after_ms)
       FROM (SELECT computer, state FROM status WHERE update_number = old.number) AS row
       WHERE computer_status.number = row.computer; END`,

  `CREATE TRIGGER computer_created AFTER INSERT ON computer BEGIN
     INSERT INTO placement (group_ids, requested_groups) SELECT '', new.requested_groups
       WHERE NOT EXISTS (SELECT 1 FROM placement WHERE group_ids = '' AND requested_groups = new.requested_groups);
     INSERT INTO computer_status (client_id, placement)
       SELECT new.client_id, id FROM placement WHERE group_ids = '' AND requested_groups = new.requested_groups;
     UPDATE computer SET number = (SELECT number FROM computer_status WHERE client_id = new.client_id)
       WHERE client_id = new.client_id; END`,
  `CREATE TRIGGER computer_asks AFTER UPDATE OF requested_groups ON computer
   WHEN old.requested_groups <> new.requested_groups BEGIN ${place('new.client_id')} END`,
  `CREATE TRIGGER computer_joins AFTER INSERT ON computer_group BEGIN ${place('new.client_id')} END`,
  `CREATE TRIGGER computer_leaves AFTER DELETE ON computer_group BEGIN ${place('old.client_id')} END`,
  // Who never said what it needs is not known to need nothing.
  `CREATE TRIGGER computer_scanned AFTER UPDATE OF last_detection_ms, last_report_ms ON computer
   WHEN new.last_detection_ms IS NOT NULL AND new.last_report_ms IS NOT NULL BEGIN
     UPDATE sequence SET value = new.last_detection_ms
       WHERE name = 'last_detection' AND value < new.last_detection_ms;
     UPDATE computer_status SET after_ms = ${detected}
       WHERE number = new.number AND after_ms < ${detected}; END`,
  `CREATE TRIGGER computer_reported AFTER UPDATE OF last_report_ms ON computer
   WHEN new.last_report_ms IS NOT NULL BEGIN
     UPDATE computer_status SET report_hour = new.last_report_ms / 3600000
       WHERE number = new.number AND report_hour <> new.last_report_ms / 3600000; END`,
  `CREATE TRIGGER computer_deleted BEFORE DELETE ON computer BEGIN
     DELETE FROM status WHERE computer = old.number;
     DELETE FROM computer_status WHERE number = old.number; END`,
];

const EXISTING = [
  `INSERT INTO placement (group_ids, requested_groups)
   SELECT DISTINCT coalesce((SELECT group_concat(group_id, ' ') FROM
     (SELECT group_id FROM computer_group WHERE client_id = computer.client_id ORDER BY group_id)), ''),
     requested_groups FROM computer`,
  `INSERT INTO computer_status (client_id, placement)
   SELECT computer.client_id, placement.id FROM computer JOIN placement
     ON placement.requested_groups = computer.requested_groups
     AND placement.group_ids = coalesce((SELECT group_concat(group_id, ' ') FROM
       (SELECT group_id FROM computer_group WHERE client_id = computer.client_id ORDER BY group_id)), '')
   ORDER BY first_seen_ms`,
  `UPDATE computer SET number =
     (SELECT number FROM computer_status WHERE computer_status.client_id = computer.client_id)`,
  `CREATE UNIQUE INDEX computer_number ON computer (number)`,
];

export const compliance: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...TABLES, ...TRIGGERS, ...EXISTING]) await sql.raw(statement).execute(db);
    await recountUpdates(db, 'all', 0);
  },
};

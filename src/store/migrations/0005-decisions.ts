import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Audit log, licences, rules and rings; and who made a decision: a person (`manual`), a rule or a ring. */
const STATEMENTS = [
  `CREATE TABLE audit (
     number INTEGER PRIMARY KEY,
     time_ms INTEGER NOT NULL,
     caller TEXT NOT NULL,
     action TEXT NOT NULL,
     subject TEXT NOT NULL,
     before TEXT,
     after TEXT,
     hash BLOB NOT NULL)`,
  `CREATE INDEX audit_subject ON audit (subject, number)`,
  `CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
     BEGIN SELECT raise(ABORT, 'the audit log cannot be changed'); END`,
  `CREATE TRIGGER audit_kept BEFORE DELETE ON audit
     BEGIN SELECT raise(ABORT, 'the audit log cannot be changed'); END`,
  `ALTER TABLE approval ADD COLUMN source TEXT NOT NULL DEFAULT 'manual'`,
  `CREATE INDEX approval_group ON approval (group_id)`,
  // What was taken back by hand: no rule decides it again. An empty group stands for all groups.
  `CREATE TABLE release (
     update_number INTEGER NOT NULL REFERENCES update_entry (number),
     group_id TEXT NOT NULL,
     released_ms INTEGER NOT NULL,
     PRIMARY KEY (update_number, group_id)) WITHOUT ROWID`,
  `CREATE TABLE licence (
     eula_id TEXT PRIMARY KEY,
     accepted_ms INTEGER NOT NULL,
     caller TEXT NOT NULL) WITHOUT ROWID`,
  // Flags 2 and 16: expired, or with a licence. Few are, and each generation asks for those among what is approved.
  `CREATE INDEX revision_withheld ON revision (update_number, revision_number) WHERE flags & 18 <> 0`,
  `CREATE TABLE rule (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL COLLATE NOCASE UNIQUE,
     body TEXT NOT NULL,
     since_ms INTEGER NOT NULL)`,
  `CREATE TABLE group_rule (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL COLLATE NOCASE UNIQUE,
     group_id TEXT NOT NULL REFERENCES target_group (id) ON DELETE CASCADE,
     body TEXT NOT NULL)`,
  // Who chose the computer's groups: null for nobody, 'manual', or 'rule:ID'.
  `ALTER TABLE computer ADD COLUMN assigned_by TEXT`,
  `UPDATE computer SET assigned_by = 'manual'
     WHERE EXISTS (SELECT 1 FROM computer_group WHERE computer_group.client_id = computer.client_id)`,
  `CREATE TABLE ring (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL COLLATE NOCASE UNIQUE,
     body TEXT NOT NULL)`,
  // One update on its way through a ring; the steps are those the ring had when it began.
  `CREATE TABLE rollout (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     ring_id INTEGER NOT NULL REFERENCES ring (id),
     update_number INTEGER NOT NULL REFERENCES update_entry (number),
     body TEXT NOT NULL,
     state TEXT NOT NULL,
     step INTEGER NOT NULL,
     step_ms INTEGER NOT NULL,
     reason TEXT,
     forgiven TEXT NOT NULL DEFAULT '[]',
     started_ms INTEGER NOT NULL,
     caller TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX rollout_open ON rollout (update_number) WHERE state IN ('running', 'paused', 'halted')`,
  // Rules look at every category there is: a few thousand among all revisions. Type 0.
  `CREATE INDEX revision_category ON revision (update_number, revision_number) WHERE type = 0`,
  // Arrival is when the first revision's import was published.
  `CREATE INDEX revision_import ON revision (import_id)`,
  // What clients are told. An approval stays while it must not take effect: the newest revision has expired or
  // brings a licence nobody accepted, or its rollout is halted, paused or stopped with all others.
  `CREATE VIEW approval_in_effect AS
     SELECT approval.*, CASE
       WHEN action NOT IN ('Install', 'OptionalInstall') THEN NULL
       WHEN EXISTS (
         SELECT 1 FROM revision WHERE revision.update_number = approval.update_number
           AND flags & 18 <> 0 AND change IS NOT NULL AND flags & 2 <> 0
           AND revision_number = (SELECT max(revision_number) FROM revision AS newest
             WHERE newest.update_number = approval.update_number AND newest.change IS NOT NULL)) THEN 'expired'
       WHEN EXISTS (
         SELECT 1 FROM revision WHERE revision.update_number = approval.update_number
           AND flags & 18 <> 0 AND change IS NOT NULL AND flags & 16 <> 0
           AND revision_number = (SELECT max(revision_number) FROM revision AS newest
             WHERE newest.update_number = approval.update_number AND newest.change IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM licence WHERE licence.eula_id = coalesce(revision.eula_id,
             (SELECT update_id FROM update_entry WHERE number = approval.update_number)))) THEN 'licence'
       WHEN source LIKE 'rollout:%' AND EXISTS (
         SELECT 1 FROM rollout WHERE id = CAST(substr(source, 9) AS INTEGER)
           AND (state IN ('paused', 'halted') OR (state = 'running'
             AND EXISTS (SELECT 1 FROM server WHERE key = 'rollouts_paused' AND value = 'true')))) THEN 'rollout'
     END AS withheld
     FROM approval`,
];

export const decisions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Who is told of what. A notification is written in the transaction of what it tells of, with a delivery for each
 * subscription that wants it; deliveries are carried out afterwards.
 *
 * The secret of a subscription stands here in clear: it signs, so a hash would be of no use. Who can read this file
 * can read everything a notification could say.
 */
const STATEMENTS = [
  `CREATE TABLE subscription (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL UNIQUE COLLATE NOCASE,
     kind TEXT NOT NULL,
     events TEXT NOT NULL,
     targets TEXT NOT NULL,
     secret TEXT,
     enabled INTEGER NOT NULL,
     created_ms INTEGER NOT NULL,
     delivered_ms INTEGER,
     failing_since_ms INTEGER,
     last_error TEXT,
     dropped INTEGER NOT NULL DEFAULT 0)`,
  `CREATE TABLE notification (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     uuid TEXT NOT NULL,
     time_ms INTEGER NOT NULL,
     event TEXT NOT NULL,
     data TEXT NOT NULL)`,
  `CREATE INDEX notification_time ON notification (time_ms)`,
  `CREATE TABLE delivery (
     notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
     subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
     state TEXT NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     queued_ms INTEGER NOT NULL,
     next_ms INTEGER NOT NULL,
     attempted_ms INTEGER,
     last_status INTEGER,
     last_error TEXT,
     PRIMARY KEY (notification_id, subscription_id)) WITHOUT ROWID`,
  `CREATE INDEX delivery_subscription ON delivery (subscription_id, state)`,
  `CREATE INDEX delivery_due ON delivery (next_ms) WHERE state = 'pending'`,
  // What holds and has been told, so that it is told once until it ceases.
  `CREATE TABLE told_condition (
     event TEXT NOT NULL,
     subject TEXT NOT NULL,
     since_ms INTEGER NOT NULL,
     PRIMARY KEY (event, subject)) WITHOUT ROWID`,
];

export const notifications: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

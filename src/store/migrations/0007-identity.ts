import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** People and programs that may sign in, and what keeps others from it. Secrets are stored as hashes only. */
const STATEMENTS = [
  `CREATE TABLE account (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL,
     name_key TEXT NOT NULL UNIQUE,
     role TEXT NOT NULL,
     password_hash TEXT,
     totp_secret TEXT,
     totp_pending TEXT,
     totp_step INTEGER NOT NULL DEFAULT 0,
     oidc_issuer TEXT,
     oidc_subject TEXT,
     disabled INTEGER NOT NULL DEFAULT 0,
     created_ms INTEGER NOT NULL,
     last_sign_in_ms INTEGER,
     UNIQUE (oidc_issuer, oidc_subject))`,
  `CREATE TABLE token (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL,
     role TEXT NOT NULL,
     scopes TEXT,
     hash BLOB NOT NULL UNIQUE,
     account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
     created_ms INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     expires_ms INTEGER,
     last_used_ms INTEGER,
     revoked_ms INTEGER)`,
  `CREATE INDEX token_account ON token (account_id)`,
  `CREATE TABLE session (
     hash BLOB PRIMARY KEY,
     account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
     address TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     last_seen_ms INTEGER NOT NULL,
     expires_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE INDEX session_account ON session (account_id)`,
  `CREATE TABLE sign_in_link (
     hash BLOB PRIMARY KEY,
     account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
     created_ms INTEGER NOT NULL,
     expires_ms INTEGER NOT NULL,
     used_ms INTEGER) WITHOUT ROWID`,
  `CREATE INDEX sign_in_link_account ON sign_in_link (account_id)`,
  `CREATE TABLE sign_in_attempt (
     key BLOB PRIMARY KEY,
     failures INTEGER NOT NULL,
     last_ms INTEGER NOT NULL,
     blocked_until_ms INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE oidc_pending (
     state BLOB PRIMARY KEY,
     binding BLOB NOT NULL,
     nonce TEXT NOT NULL,
     verifier TEXT NOT NULL,
     redirect_uri TEXT NOT NULL,
     return_to TEXT NOT NULL,
     expires_ms INTEGER NOT NULL) WITHOUT ROWID`,
];

export const identity: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

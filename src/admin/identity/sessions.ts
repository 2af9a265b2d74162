import { createHmac } from 'node:crypto';
import { OakumError } from '../../errors/oakum-error.ts';
import { accountById, type Account } from '../../store/accounts.ts';
import { appendAudit } from '../../store/audit.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import {
  deleteEndedSessions,
  deleteSession,
  insertSession,
  noteSessionUse,
  sessionByHash,
} from '../../store/sessions.ts';
import { inTransaction } from '../dry-run.ts';
import type { Principal } from './roles.ts';
import { newSecret, secretHash } from './secrets.ts';

/** A session ends then whatever happens in it, */
const LIFETIME_MS = 12 * 60 * 60_000;
/** and when nothing happens in it. */
const IDLE_MS = 60 * 60_000;
/** Being seen is written down this often: a write for every request would cost more than the request. */
const SEEN_EVERY_MS = 60_000;
const SESSIONS_PER_ACCOUNT = 50;

/** What somebody has who has just signed in. */
export interface SignedIn {
  /** For the cookie, which must be HttpOnly: whoever has it is signed in. Stored nowhere. */
  readonly sessionId: string;
  /** For the page, which sends it with every change. */
  readonly csrfToken: string;
  readonly expiresMs: number;
  readonly principal: Principal;
}

export interface SessionStart {
  readonly address: string;
  readonly nowMs: number;
  /** The session that the browser brings, which ends: one signs in into a new one, never into one that was there. */
  readonly replaces?: string;
}

/** Begins a session with an id that nobody has seen before. */
export async function startSession(
  tx: Tx,
  account: Pick<Account, 'id' | 'name' | 'role'>,
  how: 'password' | 'link' | 'oidc',
  { address, nowMs, replaces }: SessionStart,
): Promise<SignedIn> {
  await deleteEndedSessions(tx, nowMs, nowMs - IDLE_MS);
  if (replaces !== undefined) await deleteSession(tx, secretHash(replaces));
  const sessionId = newSecret();
  const expiresMs = nowMs + LIFETIME_MS;
  const hash = secretHash(sessionId);
  const session = { hash, accountId: account.id, address, createdMs: nowMs, expiresMs };
  await insertSession(tx, session, SESSIONS_PER_ACCOUNT);
  await appendAudit(tx, {
    timeMs: nowMs,
    caller: account.name,
    action: 'session.start',
    subject: account.name,
    after: { how, address },
  });
  const csrfToken = csrfTokenOf(sessionId);
  const { id, name, role } = account;
  return {
    sessionId,
    csrfToken,
    expiresMs,
    principal: { name, role, kind: 'session', accountId: id, expiresMs, csrfToken },
  };
}

/**
 * Who a session belongs to.
 *
 * @throws OakumError OAK_SIGN_IN_REQUIRED when there is none, or it has ended
 */
export async function sessionPrincipal(db: DbOrTx, sessionId: string, nowMs: number): Promise<Principal> {
  const hash = secretHash(sessionId);
  const session = await sessionByHash(db, hash);
  const isLive =
    session !== undefined &&
    !session.disabled &&
    nowMs < session.expiresMs &&
    nowMs - session.lastSeenMs < IDLE_MS;
  if (!isLive) throw new OakumError('OAK_SIGN_IN_REQUIRED');
  if (nowMs - session.lastSeenMs >= SEEN_EVERY_MS) await noteSessionUse(db, hash, nowMs);
  const { name, role, accountId, expiresMs } = session;
  return { name, role, kind: 'session', accountId, expiresMs, csrfToken: csrfTokenOf(sessionId) };
}

/** Ends a session. One that has ended already is no error. */
export function signOut(db: DbOrTx, sessionId: string, nowMs: number): Promise<void> {
  return inTransaction(db, false, async (tx) => {
    const accountId = await deleteSession(tx, secretHash(sessionId));
    const account = accountId === undefined ? undefined : await accountById(tx, accountId);
    if (account === undefined) return;
    const { name } = account;
    await appendAudit(tx, { timeMs: nowMs, caller: name, action: 'session.end', subject: name });
  });
}

/**
 * Refuses a change that another site may have made the browser send. Tokens are sent by programs on purpose and need
 * no such proof.
 *
 * @param sent the header X-CSRF-Token
 * @throws OakumError OAK_CSRF
 */
export function requireCsrf(principal: Principal, sent: string | undefined): void {
  if (principal.kind !== 'session') return;
  // Hashes are compared, so that the time does not tell how much of a guess was right.
  const isSame =
    sent !== undefined &&
    principal.csrfToken !== undefined &&
    secretHash(sent).equals(secretHash(principal.csrfToken));
  if (!isSame) throw new OakumError('OAK_CSRF');
}

/** Follows from the session's id, which it does not give away: nothing more need be stored. */
function csrfTokenOf(sessionId: string): string {
  return createHmac('sha256', sessionId).update('csrf').digest('base64url');
}

import { OakumError } from '../../errors/oakum-error.ts';
import { appendAudit } from '../../store/audit.ts';
import type { DbOrTx } from '../../store/schema.ts';
import {
  insertToken,
  listTokens,
  noteTokenUse,
  revokeStoredToken,
  tokenByHash,
  type StoredToken,
} from '../../store/tokens.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { atLeast, ROLES, type Principal, type Role } from './roles.ts';
import { newSecret, secretHash } from './secrets.ts';

/** Lets programs that look for leaked secrets recognize ours. */
const PREFIX = 'oakum_';
const TOKEN = /^oakum_[A-Za-z0-9_-]{43}$/;
const NAME = /^[^\p{C}\p{Zl}\p{Zp}()]{1,64}$/u;
const SCOPE = /^[a-z][A-Za-z0-9-]{0,31}$/;
const MOST_SCOPES = 64;
const USED_EVERY_MS = 60_000;

export interface TokenRequest {
  readonly role: Role;
  /** What it is for. */
  readonly name?: string;
  /** Nouns, the first parts of operation ids such as `computers.list`; all when left out. */
  readonly scopes?: readonly string[];
  /** Never when left out. */
  readonly expiresMs?: number;
  readonly nowMs: number;
}

export interface NewToken extends StoredToken {
  /** The token itself: it can never be read again. */
  readonly token: string;
}

/**
 * Makes a token. A token belongs to the account that made it: it is good as long as that is enabled, and for no more
 * than its role. One that is made with a token may do no more, nor longer, than that.
 *
 * @throws OakumError OAK_TOKEN_REQUEST, OAK_FORBIDDEN
 */
export async function createToken(
  db: DbOrTx,
  caller: Caller | Principal,
  request: TokenRequest,
): Promise<NewToken> {
  const { role, nowMs } = request;
  const name = (request.name ?? 'token').trim();
  const scopes = request.scopes === undefined ? null : [...new Set(request.scopes)].sort();
  const expiresMs = request.expiresMs ?? null;
  const wrong = whatIsWrong({ name, scopes, expiresMs, nowMs });
  if (wrong !== undefined) throw new OakumError('OAK_TOKEN_REQUEST', { detail: wrong });
  const maker: Partial<Principal> = caller;
  requireWithin(maker, { role, scopes, expiresMs });
  const token = `${PREFIX}${newSecret()}`;
  return inTransaction(db, false, async (tx) => {
    const stored = await insertToken(tx, {
      name,
      role,
      scopes,
      hash: secretHash(token),
      accountId: maker.accountId ?? null,
      createdMs: nowMs,
      createdBy: caller.name,
      expiresMs,
    });
    const subject = tokenSubject(stored.id);
    const action = 'token.create';
    await appendAudit(tx, { timeMs: nowMs, caller: caller.name, action, subject, after: auditView(stored) });
    return { token, ...stored };
  });
}

/** Every token, without what could be used in its place. */
export function viewTokens(db: DbOrTx): Promise<StoredToken[]> {
  return listTokens(db);
}

/**
 * Makes a token void, from the next request on.
 *
 * @param request.token its number, or its name when no other token in force has it
 * @throws OakumError OAK_TOKEN_UNKNOWN
 */
export function revokeToken(
  db: DbOrTx,
  caller: Caller,
  request: { readonly token: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<StoredToken> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const wanted = request.token.trim();
    const inForce = (await listTokens(tx)).filter((one) => one.revokedMs === null);
    const named = inForce.filter((one) => one.name === wanted);
    const found =
      inForce.find((one) => String(one.id) === wanted) ?? (named.length === 1 ? named[0] : undefined);
    if (found === undefined) {
      const detail =
        named.length > 1 ? `${named.length} have the name "${wanted}".` : `"${wanted.slice(0, 64)}".`;
      throw new OakumError('OAK_TOKEN_UNKNOWN', { detail });
    }
    await revokeStoredToken(tx, found.id, request.nowMs);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'token.revoke',
      subject: tokenSubject(found.id),
      before: auditView(found),
    });
    return { ...found, revokedMs: request.nowMs };
  });
}

/**
 * Whose token it is.
 *
 * @throws OakumError OAK_TOKEN_INVALID, OAK_TOKEN_EXPIRED
 */
export async function tokenPrincipal(db: DbOrTx, token: string, nowMs: number): Promise<Principal> {
  const found = TOKEN.test(token) ? await tokenByHash(db, secretHash(token)) : undefined;
  if (found === undefined || found.token.revokedMs !== null || found.owner?.disabled === true) {
    throw new OakumError('OAK_TOKEN_INVALID');
  }
  const { id, name, role, scopes, accountId, expiresMs, lastUsedMs } = found.token;
  if (expiresMs !== null && nowMs >= expiresMs) {
    throw new OakumError('OAK_TOKEN_EXPIRED', {
      detail: `It ended at ${new Date(expiresMs).toISOString()}.`,
    });
  }
  if (lastUsedMs === null || nowMs - lastUsedMs >= USED_EVERY_MS) await noteTokenUse(db, id, nowMs);
  return {
    // No account can be called this, so that the audit log tells them apart.
    name: `${name} (token ${id})`,
    role: lower(role, found.owner?.role ?? role),
    kind: 'token',
    ...(scopes === null ? {} : { scopes }),
    ...(accountId === null ? {} : { accountId }),
    ...(expiresMs === null ? {} : { expiresMs }),
  };
}

function lower(one: Role, other: Role): Role {
  return ROLES[Math.min(ROLES.indexOf(one), ROLES.indexOf(other))] ?? 'reader';
}

function whatIsWrong(token: {
  readonly name: string;
  readonly scopes: readonly string[] | null;
  readonly expiresMs: number | null;
  readonly nowMs: number;
}): string | undefined {
  const { name, scopes, expiresMs, nowMs } = token;
  if (!NAME.test(name)) return 'Its name has 1 to 64 characters without parentheses and control characters.';
  if (scopes?.length === 0 || (scopes?.length ?? 0) > MOST_SCOPES) {
    return `It has 1 to ${MOST_SCOPES} scopes, or none at all for everything.`;
  }
  const odd = scopes?.find((scope) => !SCOPE.test(scope));
  if (odd !== undefined) return `"${odd.slice(0, 32)}" is no scope such as "computers".`;
  if (expiresMs !== null && !(Number.isSafeInteger(expiresMs) && expiresMs > nowMs))
    return 'It would end before it begins.';
  return undefined;
}

/** What a token could not do, it must not be able to make another one do. */
function requireWithin(
  maker: Partial<Principal>,
  token: {
    readonly role: Role;
    readonly scopes: readonly string[] | null;
    readonly expiresMs: number | null;
  },
): void {
  const { scopes: own } = maker;
  const isBeyond =
    (maker.role !== undefined && !atLeast(maker.role, token.role)) ||
    (own !== undefined && (token.scopes === null || token.scopes.some((scope) => !own.includes(scope)))) ||
    (maker.kind === 'token' &&
      maker.expiresMs !== undefined &&
      (token.expiresMs === null || token.expiresMs > maker.expiresMs));
  if (isBeyond) {
    throw new OakumError('OAK_FORBIDDEN', {
      detail: 'A token may do no more, and no longer, than whoever makes it.',
    });
  }
}

function tokenSubject(id: number): string {
  return `token ${id}`;
}

function auditView({ id, name, role, scopes, expiresMs }: StoredToken): object {
  return { id, name, role, scopes, expiresMs };
}

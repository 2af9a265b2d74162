import { OakumError } from '../../errors/oakum-error.ts';
import type { DbOrTx } from '../../store/schema.ts';
import { mayCall, type Principal, type Role } from './roles.ts';
import { sessionPrincipal } from './sessions.ts';
import { tokenPrincipal } from './tokens.ts';

/** What a request brings to say who sends it. */
export interface Credentials {
  /** What stands behind "Bearer" in the Authorization header. It comes first. */
  readonly bearer?: string;
  /** The session cookie. */
  readonly session?: string;
}

/**
 * Finds out who somebody is.
 *
 * @throws OakumError OAK_SIGN_IN_REQUIRED, OAK_TOKEN_INVALID, OAK_TOKEN_EXPIRED
 */
export async function authenticate(
  db: DbOrTx,
  { bearer, session }: Credentials,
  nowMs: number,
): Promise<Principal> {
  if (bearer !== undefined) return tokenPrincipal(db, bearer, nowMs);
  if (session !== undefined) return sessionPrincipal(db, session, nowMs);
  throw new OakumError('OAK_SIGN_IN_REQUIRED');
}

/**
 * Refuses whoever may not ask for an operation.
 *
 * @throws OakumError OAK_FORBIDDEN with what would be needed
 */
export function requireMayCall(
  principal: Principal,
  operation: { readonly id: string; readonly role: Role },
): void {
  if (mayCall(principal, operation)) return;
  const { scopes } = principal;
  const limited = scopes === undefined ? '' : `, and this token is for ${scopes.join(', ')}`;
  throw new OakumError('OAK_FORBIDDEN', {
    detail: `${operation.id} needs the role ${operation.role}; this is ${principal.role}${limited}.`,
  });
}

import { sql } from 'kysely';
import type { Tx } from './schema.ts';

/** What is kept while somebody is at the identity provider. */
export interface OidcPending {
  /** SHA-256 of what the browser keeps. */
  readonly binding: Uint8Array;
  readonly nonce: string;
  /** The PKCE code verifier. */
  readonly verifier: string;
  readonly redirectUri: string;
  readonly returnTo: string;
  readonly expiresMs: number;
}

/** Stores one, forgets those that took too long, and the oldest beyond so many. */
export async function putOidcPending(
  tx: Tx,
  state: Uint8Array,
  pending: OidcPending,
  limits: { readonly nowMs: number; readonly most: number },
): Promise<void> {
  await tx.deleteFrom('oidc_pending').where('expires_ms', '<=', limits.nowMs).execute();
  const { binding, nonce, verifier, redirectUri, returnTo, expiresMs } = pending;
  await tx
    .insertInto('oidc_pending')
    .values({
      state,
      binding,
      nonce,
      verifier,
      redirect_uri: redirectUri,
      return_to: returnTo,
      expires_ms: expiresMs,
    })
    .execute();
  await sql`
    DELETE FROM oidc_pending WHERE state IN (
      SELECT state FROM oidc_pending ORDER BY expires_ms DESC LIMIT -1 OFFSET ${limits.most})`.execute(tx);
}

/** Takes one out: a state is good once, whatever comes of it. */
export async function takeOidcPending(tx: Tx, state: Uint8Array): Promise<OidcPending | undefined> {
  const row = await tx
    .deleteFrom('oidc_pending')
    .where('state', '=', state)
    .returningAll()
    .executeTakeFirst();
  return (
    row && {
      binding: row.binding,
      nonce: row.nonce,
      verifier: row.verifier,
      redirectUri: row.redirect_uri,
      returnTo: row.return_to,
      expiresMs: row.expires_ms,
    }
  );
}

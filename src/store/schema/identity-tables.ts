import type { Generated } from 'kysely';

/* Who may administer. */

export type StoredRole = 'reader' | 'operator' | 'administrator';

/** People who may sign in. */
export interface AccountTable {
  /** Given once and never reused. */
  readonly id: Generated<number>;
  readonly name: string;
  /** The name as it is looked for: two accounts never differ in case alone. */
  readonly name_key: string;
  readonly role: StoredRole;
  /** Argon2id as a PHC string; null for whoever signs in another way, or not yet. */
  readonly password_hash: string | null;
  /** Base32. */
  readonly totp_secret: string | null;
  /** The secret of an enrolment that no code has confirmed yet. */
  readonly totp_pending: string | null;
  /** The last time step whose code was used: no code is good twice. */
  readonly totp_step: Generated<number>;
  readonly oidc_issuer: string | null;
  readonly oidc_subject: string | null;
  readonly disabled: Generated<number>;
  readonly created_ms: number;
  readonly last_sign_in_ms: number | null;
}

/** What programs sign in with. */
export interface TokenTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly role: StoredRole;
  /** JSON array of nouns; null for all. */
  readonly scopes: string | null;
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  /** Whose it is: it goes with the account. Null for those made on the machine itself. */
  readonly account_id: number | null;
  readonly created_ms: number;
  readonly created_by: string;
  readonly expires_ms: number | null;
  readonly last_used_ms: number | null;
  readonly revoked_ms: number | null;
}

export interface SessionTable {
  /** SHA-256 of the session's id. */
  readonly hash: Uint8Array;
  readonly account_id: number;
  readonly address: string;
  readonly created_ms: number;
  readonly last_seen_ms: number;
  readonly expires_ms: number;
}

/** Links that let somebody sign in once. */
export interface SignInLinkTable {
  /** SHA-256 of the link's secret. */
  readonly hash: Uint8Array;
  /** Null for the link that makes the first administrator. */
  readonly account_id: number | null;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly used_ms: number | null;
}

/** Failed attempts to sign in, by name and by address. */
export interface SignInAttemptTable {
  /** SHA-256 of what is counted: people type passwords where the name belongs. */
  readonly key: Uint8Array;
  readonly failures: number;
  readonly last_ms: number;
  readonly blocked_until_ms: number;
}

/** People who were sent to the identity provider and are not back yet. */
export interface OidcPendingTable {
  /** SHA-256 of the state. */
  readonly state: Uint8Array;
  /** SHA-256 of what the browser keeps meanwhile. */
  readonly binding: Uint8Array;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirect_uri: string;
  readonly return_to: string;
  readonly expires_ms: number;
}

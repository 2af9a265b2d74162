import type { Caller } from '../caller.ts';

/** What people and programs may do, the least first: each role may do what those before it may. */
export const ROLES = ['reader', 'operator', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role may do what needs another one at least. */
export function atLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whoever asks for something, after it was made sure who that is. */
export interface Principal extends Caller {
  readonly role: Role;
  /** How it is known: by a session or a token, or because it runs on the machine with access to the data folder. */
  readonly kind: 'session' | 'token' | 'local';
  /** Nouns that a token is limited to, such as `computers`; all of them when left out. */
  readonly scopes?: readonly string[];
  /** Whose session or token it is; left out for tokens that were made on the machine itself. */
  readonly accountId?: number;
  /** When the session or token ends at the latest; left out for tokens without an end. */
  readonly expiresMs?: number;
  /** What every change in this session must carry, see `requireCsrf` in sessions.ts. */
  readonly csrfToken?: string;
}

/** Whether somebody may ask for an operation: the role suffices, and the token's scopes hold its noun. */
export function mayCall(
  { role, scopes }: Principal,
  operation: { readonly id: string; readonly role: Role },
): boolean {
  const [noun = ''] = operation.id.split('.', 1);
  return atLeast(role, operation.role) && (scopes?.includes(noun) ?? true);
}

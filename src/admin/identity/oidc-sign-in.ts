import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { OakumError } from '../../errors/oakum-error.ts';
import {
  accountByName,
  accountBySubject,
  insertAccount,
  updateAccount,
  type Account,
} from '../../store/accounts.ts';
import { putOidcPending, takeOidcPending, type OidcPending } from '../../store/oidc-pending.ts';
import type { Db, DbOrTx, Tx } from '../../store/schema.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { inTransaction } from '../dry-run.ts';
import { checkedAccountName } from './account-rules.ts';
import { auditAccount, requireFreeName } from './accounts.ts';
import { hasClaim, roleOf, textClaim, type Claims } from './oidc-claims.ts';
import { oidcError, type OidcProvider } from './oidc-provider.ts';
import type { Role } from './roles.ts';
import { newSecret, secretHash } from './secrets.ts';
import { startSession, type SessionStart, type SignedIn } from './sessions.ts';
import { revokeToken, viewTokens } from './tokens.ts';

const PENDING_MS = 10 * 60_000;
/** So many may be under way at once; beyond them the oldest must begin again. */
const MOST_PENDING = 10_000;
const LOCAL_PATH = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2047}$/;

/** Where the browser is sent, and what it must bring back. */
export interface OidcBegin {
  readonly url: string;
  /** For a cookie of its own, HttpOnly and SameSite=Lax: it proves that the browser that returns is the one that left. */
  readonly binding: string;
  readonly expiresMs: number;
}

/**
 * Begins a sign-in at the identity provider: authorization code flow with PKCE (RFC 7636), state and nonce
 * (OpenID Connect Core 1.0, 3.1).
 *
 * @param request.redirectUri where the provider sends the browser back to, as it is registered there
 * @param request.returnTo the page to go on with, a path on this server; anything else becomes `/`
 * @throws OakumError OAK_OIDC_UNREACHABLE, OAK_OIDC_ANSWER
 */
export async function beginOidc(
  db: DbOrTx,
  provider: OidcProvider,
  request: { readonly redirectUri: string; readonly returnTo?: string; readonly nowMs: number },
): Promise<OidcBegin> {
  const { redirectUri, returnTo = '/', nowMs } = request;
  const config = await provider.configuration(nowMs);
  const [state, nonce, verifier, binding] = [
    randomState(),
    randomNonce(),
    randomPKCECodeVerifier(),
    newSecret(),
  ];
  const challenge = await calculatePKCECodeChallenge(verifier);
  const pending: OidcPending = {
    binding: secretHash(binding),
    nonce,
    verifier,
    redirectUri,
    returnTo: LOCAL_PATH.test(returnTo) ? returnTo : '/',
    expiresMs: nowMs + PENDING_MS,
  };
  const limits = { nowMs, most: MOST_PENDING };
  await inTransaction(db, false, (tx) => putOidcPending(tx, secretHash(state), pending, limits));
  const scopes = new Set(['openid', ...provider.options.scopes]);
  const url = buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: [...scopes].join(' '),
    response_type: 'code',
    state,
    nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  return { url: url.href, binding, expiresMs: pending.expiresMs };
}

export interface OidcReturn extends SessionStart {
  /** The query with which the browser came back, with or without "?". */
  readonly query: string;
  /** The cookie that {@link beginOidc} gave. */
  readonly binding: string | undefined;
}

/**
 * Ends a sign-in at the identity provider: exchanges the code, checks the answer, and begins a session for the account
 * of this issuer and subject, which is made when it comes for the first time. Its role is what the provider says now.
 *
 * @throws OakumError OAK_OIDC_STATE, OAK_OIDC_REFUSED, OAK_OIDC_ROLE, OAK_OIDC_ANSWER, OAK_OIDC_UNREACHABLE;
 *   OAK_ACCOUNT_EXISTS when another account has the name; OAK_ACCOUNT_NAME; OAK_SIGN_IN_FAILED for a disabled account
 */
export async function completeOidc(
  db: Db,
  provider: OidcProvider,
  request: OidcReturn,
): Promise<SignedIn & { readonly returnTo: string }> {
  const { nowMs } = request;
  const query = new URLSearchParams(request.query);
  const state = query.get('state') ?? '';
  const pending = await inTransaction(db, false, (tx) => takeOidcPending(tx, secretHash(state)));
  const isOurs =
    pending !== undefined &&
    nowMs < pending.expiresMs &&
    request.binding !== undefined &&
    secretHash(request.binding).equals(pending.binding);
  if (!isOurs) throw new OakumError('OAK_OIDC_STATE');
  const claims = await claimsOf(provider, pending, { query, state, nowMs });
  const signedIn = await enter(db, provider, claims, request);
  return { ...signedIn, returnTo: pending.returnTo };
}

async function claimsOf(
  provider: OidcProvider,
  pending: OidcPending,
  {
    query,
    state,
    nowMs,
  }: { readonly query: URLSearchParams; readonly state: string; readonly nowMs: number },
): Promise<Claims & { readonly iss: string; readonly sub: string }> {
  const config = await provider.configuration(nowMs);
  // Not the address of the request, whose host anybody may choose.
  const url = new URL(pending.redirectUri);
  url.search = query.toString();
  try {
    const tokens = await authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: pending.nonce,
      pkceCodeVerifier: pending.verifier,
      idTokenExpected: true,
    });
    const token = tokens.claims();
    if (token === undefined) throw new OakumError('OAK_OIDC_ANSWER', { detail: 'There is no ID token.' });
    const { iss, sub } = token;
    const isWhole =
      hasClaim(token, provider.options.roleClaim) && hasClaim(token, provider.options.nameClaim);
    if (isWhole || config.serverMetadata().userinfo_endpoint === undefined) return { ...token, iss, sub };
    // Some providers put little into the ID token. What it does say counts: it is signed.
    const rest = await fetchUserInfo(config, tokens.access_token, sub);
    return { ...rest, ...token, iss, sub };
  } catch (error) {
    throw oidcError(error);
  }
}

async function enter(
  db: Db,
  { options }: OidcProvider,
  claims: Claims & { readonly iss: string; readonly sub: string },
  request: OidcReturn,
): Promise<SignedIn> {
  const { iss, sub } = claims;
  const { nowMs } = request;
  const role = roleOf(claims, options.roleClaim, options.roleValues);
  if (role === undefined) {
    await endAccess(db, { iss, sub, nowMs });
    throw new OakumError('OAK_OIDC_ROLE', { detail: `The claim is ${options.roleClaim}.` });
  }
  const name = checkedAccountName(textClaim(claims, options.nameClaim, 'email', 'sub') ?? sub);
  return inTransaction(db, false, async (tx) => {
    const known = await accountBySubject(tx, iss, sub);
    if (known?.disabled === true) throw new OakumError('OAK_SIGN_IN_FAILED');
    const account =
      known === undefined
        ? await newcomer(tx, { name, role, iss, sub, nowMs })
        : await follow(tx, known, { name, role, nowMs });
    await updateAccount(tx, account.id, { lastSignInMs: nowMs });
    return startSession(tx, account, 'oidc', request);
  });
}

/** Never the account that has the name already: whoever may choose a name at the provider would become anybody. */
async function newcomer(
  tx: Tx,
  {
    name,
    role,
    iss,
    sub,
    nowMs,
  }: {
    readonly name: string;
    readonly role: Role;
    readonly iss: string;
    readonly sub: string;
    readonly nowMs: number;
  },
): Promise<Account> {
  await requireFreeName(tx, name);
  const account = await insertAccount(tx, {
    name,
    role,
    oidcIssuer: iss,
    oidcSubject: sub,
    createdMs: nowMs,
  });
  await auditAccount(tx, { name }, nowMs, 'account.create', undefined, account);
  return account;
}

/**
 * Gives an account the role and name it has at the provider. That holds for the last administrator, too: the provider
 * has decided, and whoever is at the machine can always make another one.
 */
async function follow(
  tx: Tx,
  known: Account,
  { name, role, nowMs }: { readonly name: string; readonly role: Role; readonly nowMs: number },
): Promise<Account> {
  const taken = await accountByName(tx, name);
  const isFree = taken === undefined || taken.id === known.id;
  const changed = { ...known, role, ...(isFree ? { name } : {}) };
  if (changed.role === known.role && changed.name === known.name) return known;
  await updateAccount(tx, known.id, { role, name: changed.name });
  if (changed.role !== known.role) await deleteSessionsOf(tx, known.id);
  await auditAccount(tx, changed, nowMs, 'account.follow', known, changed);
  return changed;
}

/** Whoever lost every role at the provider is not left with a session or a token in an old one. */
async function endAccess(
  db: Db,
  { iss, sub, nowMs }: { readonly iss: string; readonly sub: string; readonly nowMs: number },
): Promise<void> {
  await inTransaction(db, false, async (tx) => {
    const account = await accountBySubject(tx, iss, sub);
    if (account === undefined) return;
    await deleteSessionsOf(tx, account.id);
    const tokens = (await viewTokens(tx)).filter((one) => one.accountId === account.id);
    for (const { id, revokedMs } of tokens)
      if (revokedMs === null) await revokeToken(tx, account, { token: String(id), nowMs });
  });
}

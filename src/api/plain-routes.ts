import { Type, type TObject, type TSchema } from 'typebox';
import { ROLES } from '../admin/identity/roles.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { Method } from './operation.ts';
import { textOrNull, timeOrNever } from './schemas.ts';

/**
 * A route that is no operation, because it is about HTTP itself: cookies, redirects, files, streams. Declared like
 * one, so that its input is checked and its description follows from it.
 */
export interface PlainRoute {
  readonly id: `${string}.${string}`;
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  /** Who may come: anybody, anybody who is signed in, or an operator at least. */
  readonly role?: 'anybody' | 'reader' | 'operator';
  readonly input: TObject;
  readonly status: number;
  /** The answer: JSON of this schema, or something else of this media type. */
  readonly result: TSchema | { readonly mediaType: string };
  /** The body is a file and not JSON. */
  readonly isUpload?: boolean;
  readonly errors: readonly ErrorCode[];
  readonly example: { readonly input: Readonly<Record<string, unknown>>; readonly result?: unknown };
}

const password = Type.String({ minLength: 1, maxLength: 256 });
const code = Type.String({ pattern: '^[0-9 ]{6,8}$', description: 'The code that the authenticator shows.' });
const accountName = Type.String({ minLength: 1, maxLength: 256 });
const nothing = Type.Object({});

/** Who is signed in. */
const SESSION = Type.Object({
  name: Type.String(),
  role: Type.Enum([...ROLES]),
  kind: Type.Enum(['session', 'token']),
  scopes: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'Nouns that the token is for; null for all of them.',
  }),
  expiresMs: timeOrNever('When the session or the token ends.'),
  csrfToken: textOrNull('What each change in this session must carry as X-CSRF-Token.'),
  totp: Type.Union([Type.Boolean(), Type.Null()], {
    description: 'Whether a code is asked for at sign-in; null for tokens.',
  }),
});

const kim = {
  name: 'kim',
  role: 'operator',
  kind: 'session',
  scopes: null,
  expiresMs: 1_794_996_000_000,
  csrfToken: 'uPTGlvVtLDBPlxpGX0sqOqdIuzFYKULzmrBX0hzM5L0',
  totp: false,
};

const define = <const Id extends string>(
  routes: Readonly<Record<Id, PlainRoute>>,
): Readonly<Record<Id, PlainRoute>> => routes;

export const PLAIN = define({
  signIn: {
    id: 'session.create',
    method: 'POST',
    path: '/session',
    role: 'anybody',
    summary: 'Signs in with a password',
    description:
      'Sets a cookie that no script can read. Failures are slowed down, for the name and the address.',
    input: Type.Object({ name: accountName, password, code: Type.Optional(code) }),
    status: 201,
    result: SESSION,
    errors: ['OAK_SIGN_IN_FAILED', 'OAK_SIGN_IN_THROTTLED', 'OAK_TOTP_REQUIRED'],
    example: { input: { name: 'kim', password: 'rope tar hemp caulk' }, result: kim },
  },
  whoAmI: {
    id: 'session.show',
    method: 'GET',
    path: '/session',
    role: 'reader',
    summary: 'Says who is signed in',
    input: nothing,
    status: 200,
    result: SESSION,
    errors: [],
    example: { input: {}, result: kim },
  },
  signOut: {
    id: 'session.remove',
    method: 'DELETE',
    path: '/session',
    role: 'reader',
    summary: 'Ends the session',
    input: nothing,
    status: 200,
    result: Type.Object({ signedOut: Type.Boolean() }),
    errors: ['OAK_CSRF'],
    example: { input: {}, result: { signedOut: true } },
  },
  useLink: {
    id: 'session.createByLink',
    method: 'POST',
    path: '/session/link',
    role: 'anybody',
    summary: 'Uses a one-time link: sets the password, and signs in',
    input: Type.Object({
      link: Type.String({ minLength: 1, maxLength: 200, description: 'What its address ends in.' }),
      name: Type.Optional(accountName),
      password,
      code: Type.Optional(code),
    }),
    status: 201,
    result: SESSION,
    errors: [
      'OAK_LINK_INVALID',
      'OAK_ACCOUNT_NAME',
      'OAK_ACCOUNT_EXISTS',
      'OAK_PASSWORD_WEAK',
      'OAK_TOTP_REQUIRED',
      'OAK_SIGN_IN_FAILED',
      'OAK_SIGN_IN_THROTTLED',
    ],
    example: {
      input: { link: 'Xq2v7fJ0m8v7o9fK5cQd1A', name: 'kim', password: 'rope tar hemp caulk' },
      result: { ...kim, role: 'administrator' },
    },
  },
  beginOidc: {
    id: 'session.beginOidc',
    method: 'GET',
    path: '/session/oidc',
    role: 'anybody',
    summary: 'Sends the browser to the identity provider',
    input: Type.Object({
      returnTo: Type.Optional(
        Type.String({ maxLength: 2000, description: 'A path on this server to go on with.' }),
      ),
    }),
    status: 302,
    result: { mediaType: 'text/plain' },
    errors: ['OAK_OIDC_OFF', 'OAK_OIDC_SETTINGS', 'OAK_OIDC_UNREACHABLE', 'OAK_OIDC_ANSWER'],
    example: { input: { returnTo: '/' } },
  },
  endOidc: {
    id: 'session.createByOidc',
    method: 'GET',
    path: '/session/oidc/callback',
    role: 'anybody',
    summary: 'Where the identity provider sends the browser back to',
    input: Type.Object({
      code: Type.Optional(Type.String({ maxLength: 4000 })),
      state: Type.Optional(Type.String({ maxLength: 4000 })),
      iss: Type.Optional(Type.String({ maxLength: 4000 })),
      error: Type.Optional(Type.String({ maxLength: 4000 })),
      error_description: Type.Optional(Type.String({ maxLength: 4000 })),
      error_uri: Type.Optional(Type.String({ maxLength: 4000 })),
      session_state: Type.Optional(Type.String({ maxLength: 4000 })),
    }),
    status: 302,
    result: { mediaType: 'text/plain' },
    errors: [
      'OAK_OIDC_OFF',
      'OAK_OIDC_SETTINGS',
      'OAK_OIDC_UNREACHABLE',
      'OAK_OIDC_ANSWER',
      'OAK_OIDC_STATE',
      'OAK_OIDC_REFUSED',
      'OAK_OIDC_ROLE',
      'OAK_ACCOUNT_EXISTS',
      'OAK_ACCOUNT_NAME',
      'OAK_SIGN_IN_FAILED',
    ],
    example: { input: { code: 'SplxlOBeZQQYbYS6WxSbIA', state: 'af0ifjsldkj' } },
  },
  changePassword: {
    id: 'session.changePassword',
    method: 'POST',
    path: '/session/password',
    role: 'reader',
    summary: 'Changes the own password; all other sessions end',
    input: Type.Object({ password, newPassword: password }),
    status: 200,
    result: SESSION,
    errors: [
      'OAK_CSRF',
      'OAK_SIGN_IN_FAILED',
      'OAK_SIGN_IN_THROTTLED',
      'OAK_PASSWORD_WEAK',
      'OAK_ACCOUNT_EXTERNAL',
    ],
    example: {
      input: { password: 'rope tar hemp caulk', newPassword: 'seam deck pitch mallet' },
      result: kim,
    },
  },
  beginTotp: {
    id: 'session.beginTotp',
    method: 'POST',
    path: '/session/totp',
    role: 'reader',
    summary: 'Begins to set up a second factor',
    input: Type.Object({ password }),
    status: 200,
    result: Type.Object({
      secret: Type.String({ description: 'For typing into an authenticator.' }),
      uri: Type.String({ description: 'The same for scanning: otpauth://.' }),
    }),
    errors: [
      'OAK_CSRF',
      'OAK_TOTP_STATE',
      'OAK_SIGN_IN_FAILED',
      'OAK_SIGN_IN_THROTTLED',
      'OAK_ACCOUNT_EXTERNAL',
    ],
    example: {
      input: { password: 'rope tar hemp caulk' },
      result: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Oakum:kim?secret=JBSWY3DPEHPK3PXP' },
    },
  },
  confirmTotp: {
    id: 'session.confirmTotp',
    method: 'POST',
    path: '/session/totp/confirm',
    role: 'reader',
    summary: 'Proves that the authenticator works; from then on it is asked for',
    input: Type.Object({ code }),
    status: 200,
    result: Type.Object({ totp: Type.Boolean() }),
    errors: ['OAK_CSRF', 'OAK_TOTP_STATE', 'OAK_TOTP_WRONG'],
    example: { input: { code: '123456' }, result: { totp: true } },
  },
  removeTotp: {
    id: 'session.removeTotp',
    method: 'POST',
    path: '/session/totp/remove',
    role: 'reader',
    summary: 'Goes without a second factor again',
    input: Type.Object({ password, code }),
    status: 200,
    result: Type.Object({ totp: Type.Boolean() }),
    errors: ['OAK_CSRF', 'OAK_TOTP_STATE', 'OAK_TOTP_WRONG', 'OAK_SIGN_IN_FAILED', 'OAK_SIGN_IN_THROTTLED'],
    example: { input: { password: 'rope tar hemp caulk', code: '123456' }, result: { totp: false } },
  },
  upload: {
    id: 'uploads.create',
    method: 'POST',
    path: '/uploads',
    role: 'operator',
    summary: 'Brings a file to where imports and the content store can read it',
    description: 'Files that nothing has used after a day are deleted.',
    input: Type.Object({
      name: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'What the file is called; its ending matters.',
        }),
      ),
    }),
    isUpload: true,
    status: 201,
    result: Type.Object({
      upload: Type.String({ description: 'What to name it by.' }),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ description: 'Hexadecimal.' }),
    }),
    errors: ['OAK_CSRF', 'OAK_BODY_TYPE', 'OAK_BODY_TOO_LARGE', 'OAK_DISK_FULL', 'OAK_FILE_UNWRITABLE'],
    example: {
      input: { name: 'export.xml.gz' },
      result: {
        upload: '0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41',
        bytes: 1_048_576,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    },
  },
  jobEvents: {
    id: 'jobs.events',
    method: 'GET',
    path: '/jobs/{job}/events',
    role: 'reader',
    summary: 'Follows a job: an event whenever something about it changed, until it has ended',
    description: 'Server-sent events named `job`, each with the job as its data.',
    input: Type.Object({ job: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
    status: 200,
    result: { mediaType: 'text/event-stream' },
    errors: ['OAK_JOB_UNKNOWN', 'OAK_SERVER_BUSY'],
    example: { input: { job: 7 } },
  },
  describe: {
    id: 'api.describe',
    method: 'GET',
    path: '/openapi.json',
    role: 'anybody',
    summary: 'This description',
    input: nothing,
    status: 200,
    result: Type.Object({ openapi: Type.String() }),
    errors: [],
    example: { input: {}, result: { openapi: '3.1.0' } },
  },
});

export const PLAIN_ROUTES: readonly PlainRoute[] = Object.values(PLAIN);

import type { FastifyInstance } from 'fastify';
import { describeLink, redeemLink, type LinkTarget } from '../../admin/identity/links.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { SETUP_PATH } from '../setup-address.ts';
import { asAnswered, refused } from './answer-problem.ts';
import { refuseForeignPage, sessionOf } from './authenticator.ts';
import { escapeHtml, sendPage } from './html-page.ts';
import { setSession, type SignInOptions } from './sign-in-routes.ts';

/**
 * The page behind a one-time link: a form for a name and a password, without a script. Looking at it uses nothing up,
 * because mail programs and chats look at links before people do.
 */
export function addSetupPage(parent: FastifyInstance, options: SignInOptions): void {
  const { db, now, secure } = options;
  // In a context of its own: nothing else takes forms.
  void parent.register(async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 16_384 },
      async (_request: unknown, text: string | Buffer) =>
        Object.fromEntries(new URLSearchParams(text.toString())),
    );
    // A browser shows this, to somebody who opened a link twice or too late.
    app.setErrorHandler((thrown, request, reply) => {
      const error = asAnswered(thrown);
      refused(error, request, reply);
      return sendPage(reply, `<h1>This cannot be done</h1>${told(error)}`);
    });
    app.get(SETUP_PATH, async (request, reply) => {
      return sendPage(reply, await form({ link: textsOf(request.query)['link'] ?? '' }));
    });
    app.post(SETUP_PATH, async (request, reply) => {
      refuseForeignPage(request);
      const { link = '', name, password = '', code } = textsOf(request.body);
      const replaces = sessionOf(request, secure);
      try {
        const signedIn = await redeemLink(db, {
          secret: link,
          password,
          ...(name === undefined ? {} : { name }),
          ...(code === undefined ? {} : { code }),
          address: request.ip,
          nowMs: now(),
          ...(replaces === undefined ? {} : { replaces }),
        });
        setSession(reply, signedIn, secure);
        return sendPage(reply, welcome(signedIn.principal.name));
      } catch (error) {
        if (!(error instanceof OakumError) || error.code === 'OAK_LINK_INVALID') throw error;
        refused(error, request, reply);
        return sendPage(reply, await form({ link, ...(name === undefined ? {} : { name }), problem: error }));
      }
    });
  });

  async function form(sent: Sent): Promise<string> {
    return formFor(await describeLink(db, sent.link, now()), sent);
  }
}

/** What the form brought, to be shown again when it was refused; but no passwords. */
interface Sent {
  readonly link: string;
  readonly name?: string;
  readonly problem?: OakumError;
}

function formFor({ account, totp }: LinkTarget, { link, name: given = '', problem }: Sent): string {
  const name =
    account === null
      ? `<label>Name <input name="name" value="${escapeHtml(given)}" required autofocus autocomplete="username" maxlength="64"></label>`
      : `<p>Account: <strong>${escapeHtml(account)}</strong></p>`;
  const code = totp
    ? '<label>Code of the authenticator <input name="code" required inputmode="numeric" autocomplete="one-time-code"></label>'
    : '';
  return [
    `<h1>${account === null ? 'The first administrator' : 'A new password'}</h1>${problem === undefined ? '' : told(problem)}`,
    `<form method="post" action="${SETUP_PATH}"><input type="hidden" name="link" value="${escapeHtml(link)}">${name}`,
    '<label>Password, 12 characters at least ',
    '<input name="password" type="password" required minlength="12" maxlength="256" autocomplete="new-password"></label>',
    `${code}<button>Set it and sign in</button></form>`,
  ].join('');
}

function told({ message, definition }: OakumError): string {
  return `<p class="problem" role="alert">${escapeHtml(message)} ${escapeHtml(definition.cure)}</p>`;
}

function welcome(name: string): string {
  return (
    `<h1>Welcome, ${escapeHtml(name)}</h1><p>You are signed in, and the link is used up. ` +
    'What can be administered is described at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>'
  );
}

/** Anybody may send anything here, also twice, and JSON instead of a form: what is no text is not there. */
function textsOf(sent: unknown): Readonly<Partial<Record<string, string>>> {
  const entries = Object.entries((sent ?? {}) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

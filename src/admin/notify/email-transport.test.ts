import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { selfSigned } from '../../../test/support/self-signed.ts';
import { TempFolder } from '../../../test/support/temp-store.ts';
import { emailTransport, type EmailOptions, type SmtpSettings } from './email-transport.ts';
import { mailSubject, mailText } from './mail-text.ts';
import type { OutgoingMessage } from './transport.ts';

const NEVER = new AbortController().signal;
const CERTIFICATE = selfSigned('localhost');

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly source: string;
}

/** A mail server: `await using server = await MailServer.open({…})`. */
class MailServer implements AsyncDisposable {
  readonly mails: Mail[] = [];
  readonly #server: SMTPServer;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      ...CERTIFICATE,
      authOptional: true,
      disableReverseLookup: true,
      onAuth: (auth, _session, callback) =>
        auth.username === 'oakum' && auth.password === 'secret'
          ? callback(null, { user: 'oakum' })
          : callback(new Error('Invalid username or password')),
      onRcptTo: (address, _session, callback) =>
        callback(address.address.startsWith('nobody') ? new Error('No such mailbox') : null),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map((one) => one.address),
            secure: session.secure,
            user: session.user,
            source: Buffer.concat(chunks).toString(),
          });
          callback();
        });
      },
      ...options,
    });
    // A client that goes away in the middle is what some tests are about.
    this.#server.on('error', () => undefined);
  }

  static async open(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function message(changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: 'msg_1',
    event: 'computer.duplicate-id',
    timeMs: Date.UTC(2026, 9, 4),
    text: '1 computer newly duplicate-id: PC-1.',
    data: { count: 1, computers: [{ clientId: 'c1', name: 'PC-1', sinceMs: 0 }], cure: 'Do this.' },
    server: 'updates.example',
    subscription: 'Admins',
    targets: ['a@example.com', 'b@example.com'],
    secret: null,
    nowMs: Date.UTC(2026, 9, 4, 1),
    ...changes,
  };
}

const send = (
  port: number,
  smtp: Partial<SmtpSettings> = {},
  options: Partial<EmailOptions> = {},
  changes?: Partial<OutgoingMessage>,
) =>
  emailTransport({
    smtp: {
      host: 'localhost',
      port,
      security: 'starttls',
      user: '',
      passwordFile: '',
      from: 'oakum@example.com',
      ...smtp,
    },
    ca: CERTIFICATE.cert,
    ...options,
  })(message(changes), NEVER);

describe('a mail', () => {
  test('goes over STARTTLS to every address, as plain text', async () => {
    await using server = await MailServer.open();
    assert.deepEqual(await send(server.port), { ok: true, status: 250, error: null });
    const [mail] = server.mails;
    assert.deepEqual([mail.from, mail.to], ['oakum@example.com', ['a@example.com', 'b@example.com']]);
    assert.equal(mail.secure, true);
    assert.match(mail.source, /^From: "Oakum updates\.example" <oakum@example\.com>\r$/m);
    assert.match(
      mail.source,
      /^Subject: \[Oakum updates\.example\] 1 computer newly duplicate-id: PC-1\.\r$/m,
    );
    assert.match(mail.source, /^Message-ID: <msg_1@example\.com>\r$/m);
    assert.match(mail.source, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(mail.source, /^Content-Type: text\/plain/m);
    assert.match(mail.source, /name: PC-1, sinceMs: 1970-01-01T00:00:00\.000Z/);
  });

  test('goes over TLS from the first byte', async () => {
    await using server = await MailServer.open({ secure: true });
    assert.equal((await send(server.port, { security: 'tls' })).ok, true);
    assert.equal(server.mails[0].secure, true);
  });

  test('goes in clear where the settings say so', async () => {
    await using server = await MailServer.open({ disabledCommands: ['STARTTLS'] });
    assert.equal((await send(server.port, { security: 'none' })).ok, true);
    assert.equal(server.mails[0].secure, false);
  });

  test('is not sent to a server without STARTTLS, or one that cannot prove its name', async () => {
    await using plain = await MailServer.open({ disabledCommands: ['STARTTLS'] });
    const refused = await send(plain.port);
    assert.equal(refused.ok, false);
    await using server = await MailServer.open();
    const stranger = await send(server.port, {}, { ca: selfSigned('localhost').cert });
    assert.equal(stranger.ok, false);
    assert.deepEqual([plain.mails, server.mails], [[], []]);
  });

  test('that only some addresses accept is delivered, and says so', async () => {
    await using server = await MailServer.open();
    const attempt = await send(server.port, {}, {}, { targets: ['a@example.com', 'nobody@example.com'] });
    assert.deepEqual(attempt, { ok: true, status: 250, error: 'refused for nobody@example.com' });
    const none = await send(server.port, {}, {}, { targets: ['nobody@example.com'] });
    assert.deepEqual([none.ok, none.status], [false, 550]);
  });

  test('is given up in time when the server says nothing', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    using _closing = { [Symbol.dispose]: () => silent.close() };
    const attempt = await send((silent.address() as AddressInfo).port, {}, { timeoutMs: 50 });
    assert.equal(attempt.ok, false);
  });
});

describe('signing in', () => {
  const withPassword = (folder: TempFolder, password: string): Partial<SmtpSettings> => {
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, password);
    return { user: 'oakum', passwordFile };
  };

  test('takes the password of the file, without the end of its line', async () => {
    using folder = new TempFolder();
    await using server = await MailServer.open();
    assert.equal((await send(server.port, withPassword(folder, 'secret\n'))).ok, true);
    assert.equal(server.mails[0].user, 'oakum');
  });

  test('with a wrong password fails, and the error does not tell it', async () => {
    using folder = new TempFolder();
    await using server = await MailServer.open();
    const attempt = await send(server.port, withPassword(folder, 'wrong horse'));
    assert.deepEqual([attempt.ok, attempt.status], [false, 535]);
    assert.doesNotMatch(attempt.error ?? '', /wrong horse|d3Jvbmc/);
    assert.equal(server.mails.length, 0);
  });

  test('never happens in clear', async () => {
    using folder = new TempFolder();
    await using server = await MailServer.open({ disabledCommands: ['STARTTLS'] });
    const settings = { ...withPassword(folder, 'secret'), security: 'none' as const };
    await assert.rejects(send(server.port, settings), { code: 'OAK_SMTP_SETTINGS' });
  });

  test('needs a file that can be read', async () => {
    await assert.rejects(send(1, { user: 'oakum', passwordFile: '/no/such/file' }), {
      code: 'OAK_SMTP_SETTINGS',
      detail: 'smtp.passwordFile cannot be read (ENOENT).',
    });
  });
});

test('without a mail server or a sender nothing is tried', async () => {
  for (const settings of [{ host: '' }, { from: '' }])
    await assert.rejects(send(1, settings), { code: 'OAK_SMTP_SETTINGS' });
});

describe('hostile names', () => {
  const name = 'PC\r\nBcc: everybody@example.com\r\n\r\n.\r\nQUIT\u0000\u202E<b>';

  test('make no header, no command and no second line', async () => {
    await using server = await MailServer.open();
    const data = { count: 1, computers: [{ clientId: 'c1', name, sinceMs: 0 }] };
    const hostile = { data, text: `1 computer: ${name}`, server: name, subscription: name };
    assert.equal((await send(server.port, {}, {}, hostile)).ok, true);
    const [mail] = server.mails;
    assert.equal(server.mails.length, 1);
    assert.deepEqual(mail.to, ['a@example.com', 'b@example.com']);
    const [head] = mail.source.split('\r\n\r\n');
    assert.doesNotMatch(head, /^Bcc:/im);
    const names = head
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => line.split(':')[0].toLowerCase());
    assert.deepEqual(names.toSorted(), [
      'auto-submitted',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
      'x-oakum-event',
    ]);
  });

  test('stay on their line in the text, and the subject is short', () => {
    const hostile = message({ data: { items: [{ name }], name }, text: name.repeat(50) });
    assert.ok(mailSubject(hostile).length <= 150);
    assert.doesNotMatch(mailSubject(hostile), /[\r\n]/);
    const lines = mailText(hostile).split('\n');
    assert.ok(lines.includes('  - name: PC Bcc: everybody@example.com . QUIT\uFFFD\uFFFD<b>'));
    assert.ok(!lines.some((line) => line.startsWith('Bcc') || line === '.'));
  });
});

import { readFileSync } from 'node:fs';
import type { SMTPTransportOptions } from 'nodemailer';
import { OakumError } from '../../errors/oakum-error.ts';
import { mailSubject, mailText } from './mail-text.ts';
import type { Attempt, Transport } from './transport.ts';

/** How mail leaves this server; the settings smtp.*. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` never falls back to plain text; `none` never sends a password. */
  readonly security: 'starttls' | 'tls' | 'none';
  /** Empty for none. */
  readonly user: string;
  /** A file that holds the password, read for every mail. */
  readonly passwordFile: string;
  readonly from: string;
}

export interface EmailOptions {
  readonly smtp: SmtpSettings;
  readonly timeoutMs?: number;
  /** Certificates to trust instead of those of the system, PEM. */
  readonly ca?: string;
}

const TIMEOUT_MS = 20_000;

/** Sends notifications as plain text, one mail to all addresses of a subscription, over a connection of its own. */
export function emailTransport({ smtp, timeoutMs = TIMEOUT_MS, ca }: EmailOptions): Transport {
  return async (message, signal) => {
    const { host, port, security, from } = smtp;
    const auth = credentials(smtp);
    // Loaded with the first mail: most servers never send one.
    const { createTransport } = await import('nodemailer');
    const options: SMTPTransportOptions = {
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
      ...(auth === undefined ? {} : { auth }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      // A message is text of this server's own: it names no file and no address to fetch.
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    const transport = createTransport(options);
    const sent = transport.sendMail({
      // As objects: text would be taken apart as a list of addresses.
      from: { name: `Oakum ${message.server}`, address: from },
      to: message.targets.map((address) => ({ name: '', address })),
      subject: mailSubject(message),
      text: mailText(message),
      date: new Date(message.timeMs),
      messageId: `<${message.id}@${from.split('@').at(-1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Oakum-Event': message.event },
    });
    try {
      const { rejected, response } = await withinReach(
        sent,
        AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      );
      const status = Number.parseInt(response, 10) || null;
      const refused = rejected.join(', ');
      return { ok: true, status, error: refused === '' ? null : `refused for ${refused}` };
    } catch (error) {
      return failure(error);
    } finally {
      transport.close();
    }
  };
}

/** @throws OakumError OAK_SMTP_SETTINGS */
function credentials(smtp: SmtpSettings): { readonly user: string; readonly pass: string } | undefined {
  const { host, from, security, user, passwordFile } = smtp;
  const refuse = (detail: string): OakumError => new OakumError('OAK_SMTP_SETTINGS', { detail });
  if (host === '') throw refuse('smtp.host is not set.');
  if (from === '') throw refuse('smtp.from is not set.');
  if (user === '') return undefined;
  if (security === 'none') throw refuse('smtp.user needs smtp.security "starttls" or "tls".');
  try {
    return { user, pass: readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '') };
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new OakumError('OAK_SMTP_SETTINGS', {
      detail: `smtp.passwordFile cannot be read (${code}).`,
      cause,
    });
  }
}

function failure(error: unknown): Attempt {
  const { responseCode, message } = error as { readonly responseCode?: number; readonly message?: string };
  return { ok: false, status: responseCode ?? null, error: message ?? String(error) };
}

/** Waits for a mail no longer than the signal allows; its connection ends by its own time-outs. */
function withinReach<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    sent.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

import type { TLSSocket } from 'node:tls';
import type { Logger } from '../logger.ts';

const MINUTE_MS = 60_000;
const LINES_PER_MINUTE = 5;
const MOST_CHARACTERS = 200;

/** What the codes of OpenSSL mean to an administrator. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'It sent plain HTTP.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'It sent something that is not TLS.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'It speaks only versions of TLS that are older than tls.minVersion.',
  ERR_SSL_VERSION_TOO_LOW: 'It speaks only versions of TLS that are older than tls.minVersion.',
  ERR_SSL_NO_SHARED_CIPHER: 'It knows none of the ciphers that are safe.',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'It insists on HTTP/2, which no Windows Update Agent does.',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    'It showed no certificate, and tls.clientCertificates requires one.',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'It does not trust the certificate of this server.',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': 'It does not accept the certificate of this server.',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'It does not accept the certificate of this server.',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED': 'It finds the certificate of this server expired.',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'It did not complete the handshake in time.',
};

/**
 * Logs connections that never got as far as a request. Anybody can make as many of them as they like, so only the
 * first few of each minute are told, and how many more there were.
 */
export class HandshakeLog {
  readonly #log: Logger;
  readonly #now: () => number;
  #minuteMs = 0;
  #lines = 0;
  #withheld = 0;

  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** @param cause as `tlsClientError` brings it */
  failed(cause: NodeJS.ErrnoException, socket: TLSSocket): void {
    // Of a certificate that Node.js refuses it tells no more than that the connection is gone.
    const refused = socket.authorizationError as Error | string | undefined | null;
    if (refused !== undefined && refused !== null) {
      this.#write(socket, `Its certificate was refused: ${String(refused)}.`);
      return;
    }
    // Load balancers look whether a port is open, and go away.
    if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE') {
      this.#log.debug({ address: socket.remoteAddress }, 'a connection ended before the TLS handshake');
      return;
    }
    // The words of OpenSSL stand in the middle of file names and line numbers.
    const { reason = cause.message } = cause as { readonly reason?: string };
    this.#write(socket, REASONS[cause.code ?? ''] ?? `${reason.slice(0, MOST_CHARACTERS)}.`);
  }

  /** A client without a good certificate was let in because certificates are only asked for. */
  admitted(socket: TLSSocket): void {
    const why = socket.getPeerX509Certificate() === undefined ? 'none' : String(socket.authorizationError);
    if (!this.#mayWrite()) return;
    this.#log.info(
      { address: socket.remoteAddress, certificate: why },
      'a client was let in that tls.clientCertificates "require" would refuse',
    );
  }

  #write(socket: TLSSocket, reason: string): void {
    if (!this.#mayWrite()) return;
    const withheld = this.#withheld;
    this.#withheld = 0;
    this.#log.warn(
      { code: 'OAK_TLS_HANDSHAKE', address: socket.remoteAddress, ...(withheld > 0 && { withheld }) },
      `A connection did not get through the TLS handshake. ${reason}`,
    );
  }

  #mayWrite(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#minuteMs >= MINUTE_MS) {
      this.#minuteMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines++ < LINES_PER_MINUTE) return true;
    this.#withheld++;
    return false;
  }
}

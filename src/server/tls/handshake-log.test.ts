import assert from 'node:assert/strict';
import type { TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { pino } from 'pino';
import type { LogLine } from '../../../test/support/test-server.ts';
import { HandshakeLog } from './handshake-log.ts';

const socket = (changes: object = {}): TLSSocket =>
  ({ remoteAddress: '192.0.2.1', authorizationError: null, ...changes }) as unknown as TLSSocket;
const failure = (code: string, changes: object = {}): Error =>
  Object.assign(new Error('x'), { code }, changes);

function logInto(lines: LogLine[], now = (): number => 0): HandshakeLog {
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return new HandshakeLog(log, now);
}

test('a handshake that failed is told in words, and one that was not begun only to whoever wants to know', () => {
  const lines: LogLine[] = [];
  const log = logInto(lines);
  log.failed(failure('ERR_SSL_HTTP_REQUEST'), socket());
  log.failed(failure('ERR_SSL_STRANGE', { reason: 'a strange reason' }), socket());
  log.failed(failure('ECONNRESET'), socket({ authorizationError: 'CERT_HAS_EXPIRED' }));
  log.failed(failure('ECONNRESET'), socket());
  assert.deepEqual(
    lines.map(({ level, code, address }) => [level, code, address]),
    [
      ...Array.from({ length: 3 }, () => [40, 'OAK_TLS_HANDSHAKE', '192.0.2.1']),
      [20, undefined, '192.0.2.1'],
    ],
  );
  assert.match(lines[0].msg, /plain HTTP/);
  assert.match(lines[1].msg, /a strange reason/);
  assert.match(lines[2].msg, /CERT_HAS_EXPIRED/);
});

test('a thousand of them fill no log; the next minute says how many there were', () => {
  const lines: LogLine[] = [];
  let nowMs = 100_000;
  const log = logInto(lines, () => nowMs);
  for (let count = 0; count < 1000; count++) log.failed(failure('ERR_SSL_HTTP_REQUEST'), socket());
  assert.equal(lines.length, 5);
  nowMs += 60_000;
  log.failed(failure('ERR_SSL_HTTP_REQUEST'), socket());
  assert.equal(lines[5].withheld, 995);
});

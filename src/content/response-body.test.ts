import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { listen, RawConnection } from '../../test/support/raw-http.ts';
import { itsTurn, sendChunk } from './response-body.ts';

/** More than the system buffers between two sockets that nobody reads. */
const MUCH = Buffer.alloc(64 * 1024 * 1024);

/** What `respond` makes of the first request, and the connection that sent it. */
async function first<T>(
  t: TestContext,
  respond: (req: IncomingMessage, res: ServerResponse) => Promise<T>,
): Promise<{ outcome: Promise<T>; connection: RawConnection }> {
  const outcome = Promise.withResolvers<T>();
  const { port } = await listen(t, (req, res) => outcome.resolve(respond(req, res)));
  const connection = await RawConnection.open(t, port);
  connection.send('GET / HTTP/1.1\nHost: a');
  return { outcome: outcome.promise, connection };
}

test('a chunk the system has taken is reported as sent', async (t) => {
  const { outcome } = await first(t, async (_req, res) => sendChunk(res, Buffer.from('abc')));
  assert.equal(await outcome, true);
});

test('a chunk still waiting when the client goes away is reported as lost', async (t) => {
  const { outcome, connection } = await first(t, async (_req, res) => {
    res.writeHead(200, { 'Content-Length': MUCH.length });
    return sendChunk(res, MUCH);
  });
  await once(connection.socket, 'readable');
  connection.socket.destroy();
  assert.equal(await outcome, false);
});

test('a chunk for a connection that was ended and then closes is reported as lost', async (t) => {
  const { outcome, connection } = await first(t, async (req, res) => {
    req.socket.end();
    return sendChunk(res, MUCH);
  });
  await assert.rejects(connection.receive(), /ended in the middle/);
  assert.equal(await outcome, false);
});

test('a chunk for a connection that is gone is reported as lost', async (t) => {
  const { outcome, connection } = await first(t, async (_req, res) => {
    await once(res, 'close');
    return sendChunk(res, MUCH);
  });
  connection.socket.destroy();
  assert.equal(await outcome, false);
});

test('a response whose turn it is need not wait', async (t) => {
  const { outcome } = await first(t, itsTurn);
  assert.equal(await outcome, true);
});

test('a pipelined response waits although its request was read to the end', async (t) => {
  const turns: boolean[] = [];
  const respond = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    req.resume();
    if (req.url === '/first') await once(req, 'close');
    turns.push(await itsTurn(req, res));
    res.end();
  };
  const { port } = await listen(t, (req, res) => void respond(req, res));
  const connection = await RawConnection.open(t, port);
  connection.send('GET /first HTTP/1.1\nHost: a\n\nGET /second HTTP/1.1\nHost: a');
  for (const _ of [1, 2]) assert.equal((await connection.receive()).status, 200);
  assert.deepEqual(turns, [true, true]);
});

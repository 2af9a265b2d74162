import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, utimes } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { listen, RawConnection } from '../../test/support/raw-http.ts';
import { createContentHandler } from './content-handler.ts';
import type { ContentStore } from './content-store.ts';
import { contentPath } from './content-url.ts';
import { openFolderContentStore } from './folder-content-store.ts';

const MIB = 1024 * 1024;

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oakum-content-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Puts a file of zeros at the address of any digest: nothing is checked on reading, and a sparse file costs nothing. */
async function placeSparse(root: string, name: string, size: number, modified: Date): Promise<void> {
  await mkdir(join(root, name.slice(-2)), { recursive: true });
  const path = join(root, name.slice(-2), name);
  const file = await open(path, 'w');
  await file.truncate(size);
  await file.close();
  await utimes(path, modified, modified);
}

interface Observed {
  readonly store: ContentStore;
  /** Readings begun and readings ended, for whatever reason. */
  readonly counts: { begun: number; ended: number };
}

/** The store itself, with its readings counted. */
function observed(store: ContentStore): Observed {
  const counts = { begun: 0, ended: 0 };
  const counting: ContentStore = {
    stat: (digest) => store.stat(digest),
    writer: (expected) => store.writer(expected),
    list: () => store.list(),
    verify: (digest, expected) => store.verify(digest, expected),
    remove: (digest) => store.remove(digest),
    async *open(digest, start, end, options) {
      counts.begun++;
      try {
        yield* store.open(digest, start, end, options);
      } finally {
        counts.ended++;
      }
    },
  };
  return { store: counting, counts };
}

describe('requests captured from Delivery Optimization', { skip: skipWithoutFixtures }, () => {
  for (const name of ['first-range-by-offset', 'middle-range', 'final-range', 'whole-file-single-range']) {
    test(`${name} is answered with the status, headers, order and values of the captured answer`, async (t) => {
      const [request, response] = await Promise.all(
        ['request', 'response'].map((side) =>
          readFile(fixture(`native/content/${name}/${side}.headers`), 'latin1'),
        ),
      );
      const digest = /[0-9A-F]{40}/.exec(request ?? '')?.[0] ?? '';
      const [statusLine, ...lines] = (response ?? '').trimEnd().split('\r\n');
      const captured = new Map(
        lines.map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^[^:]+: /, '')]),
      );
      const size = Number(captured.get('Content-Range')?.split('/')[1]);
      const root = await temporaryFolder(t);
      await placeSparse(root, digest, size, new Date(captured.get('Last-Modified') ?? ''));
      const handler = createContentHandler(await openFolderContentStore(root));
      const { port } = await listen(t, (req, res) => void handler(req, res));

      const answer = await (await RawConnection.open(t, port)).exchange(request ?? '');

      assert.equal(`HTTP/1.1 ${answer.status} ${answer.reason}`, statusLine);
      // Of the product that was captured, of the connection, and of the time.
      const apart = ['Server', 'X-Powered-By', 'Connection', 'Keep-Alive', 'Date'];
      const expected = [...captured].filter(([field]) => !apart.includes(field));
      const fields = answer.fields.filter(([field]) => !apart.includes(field));
      assert.deepEqual(
        fields.map(([field, value]) => [field, field === 'ETag' ? '' : value]),
        expected.map(([field, value]) => [field, field === 'ETag' ? '' : value]),
      );
      assert.match(answer.header('etag') ?? '', /^"[^"]+"$/);
      assert.equal(answer.body.length, Number(captured.get('Content-Length')));
    });
  }
});

test('100 shuffled ranges of 1 MiB at once put the file together again', async (t) => {
  const size = 100 * MIB - 12_345;
  const bytes = createHash('shake128', { outputLength: size }).update('delivery').digest();
  const sha1 = createHash('sha1').update(bytes).digest();
  const store = await openFolderContentStore(await temporaryFolder(t));
  const writer = store.writer({ sha1, size });
  await writer.write(bytes);
  await writer.commit();
  const { store: counted, counts } = observed(store);
  const handler = createContentHandler(counted);
  const { port } = await listen(t, (req, res) => void handler(req, res));
  const agent = new Agent({ keepAlive: true, maxSockets: 25 });
  t.after(() => agent.destroy());

  const whole = Buffer.alloc(size);
  // 37 and 100 have no common divisor: every piece once, in no order.
  const pieces = Array.from({ length: 100 }, (_, index) => (index * 37) % 100);
  await Promise.all(
    pieces.map(async (piece) => {
      const start = piece * MIB;
      const end = Math.min(start + MIB, size);
      const request = get({
        ...{ port, host: '127.0.0.1', agent, path: contentPath(sha1, '.cab') },
        headers: { Range: `bytes=${start}-${end - 1}`, 'Content-Length': 0 },
      });
      const [response] = await once(request, 'response');
      assert.equal(response.statusCode, 206);
      let at = start;
      for await (const chunk of response) at += (chunk as Buffer).copy(whole, at);
      assert.equal(at, end);
    }),
  );
  assert.ok(createHash('sha1').update(whole).digest().equals(sha1));
  assert.deepEqual(counts, { begun: 100, ended: 100 });
});

describe('connections', () => {
  const NAME = 'AB'.repeat(20);
  const GET = `GET /Content/AB/${NAME}.exe HTTP/1.1\nHost: a`;
  const SIZE = 64 * MIB;

  async function serve(
    t: TestContext,
  ): Promise<{ port: number; counts: Observed['counts']; handled: Promise<void>[] }> {
    const root = await temporaryFolder(t);
    await placeSparse(root, NAME, SIZE, new Date('2026-01-01'));
    const { store, counts } = observed(await openFolderContentStore(root));
    const handler = createContentHandler(store);
    const handled: Promise<void>[] = [];
    const { port } = await listen(t, (req, res) => {
      handled.push(handler(req, res));
    });
    return { port, counts, handled };
  }

  test('a client that goes away in the middle of a body ends the reading', async (t) => {
    const { port, counts, handled } = await serve(t);
    const connection = await RawConnection.open(t, port);
    connection.send(GET);
    await once(connection.socket, 'readable');
    connection.socket.destroy();
    await Promise.all(handled);
    assert.deepEqual(counts, { begun: 1, ended: 1 });
  });

  test('a client that stops reading holds the reading back, and its going ends it', async (t) => {
    const { port, counts, handled } = await serve(t);
    const stalled = await RawConnection.open(t, port);
    stalled.socket.pause();
    stalled.send(GET);
    // Others are served meanwhile.
    const other = await RawConnection.open(t, port);
    assert.equal((await other.exchange(`${GET}\nRange: bytes=0-${4 * MIB}`)).body.length, 4 * MIB + 1);
    assert.deepEqual(counts, { begun: 2, ended: 1 });
    stalled.socket.destroy();
    await Promise.all(handled);
    assert.deepEqual(counts, { begun: 2, ended: 2 });
  });

  test('pipelined requests are answered in order, and read nothing before their turn', async (t) => {
    const { port, counts, handled } = await serve(t);
    const connection = await RawConnection.open(t, port);
    const count = 50;
    connection.send(
      [GET, ...Array.from({ length: count }, (_, at) => `${GET}\nRange: bytes=${at}-${2 * at}`)].join('\n\n'),
    );
    await once(connection.socket, 'readable');
    assert.equal(counts.begun, 1);
    assert.equal((await connection.receive()).body.length, SIZE);
    for (let at = 0; at < count; at++) {
      assert.equal((await connection.receive()).header('content-range'), `bytes ${at}-${2 * at}/${SIZE}`);
    }
    await Promise.all(handled);
    assert.deepEqual(counts, { begun: count + 1, ended: count + 1 });
  });

  test('pipelined requests of a client that goes away are all given up', async (t) => {
    const { port, counts, handled } = await serve(t);
    const connection = await RawConnection.open(t, port);
    connection.send(Array.from({ length: 50 }, () => GET).join('\n\n'));
    await once(connection.socket, 'readable');
    connection.socket.destroy();
    await Promise.all(handled);
    assert.deepEqual(counts, { begun: 1, ended: 1 });
  });
});

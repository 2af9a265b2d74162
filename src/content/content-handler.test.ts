import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { listen, RawConnection, type RawAnswer } from '../../test/support/raw-http.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { createContentHandler } from './content-handler.ts';
import type { ContentStore } from './content-store.ts';
import { contentPath } from './content-url.ts';
import { MemoryContentStore } from '../../test/support/memory-content-store.ts';

const SIZE = 1_000_000;
const BYTES = createHash('shake128', { outputLength: SIZE }).update('content').digest();
const SHA1 = createHash('sha1').update(BYTES).digest();
const ETAG = `"${SHA1.toString('hex').toUpperCase()}"`;
const PATH = contentPath(SHA1, '.exe');
const MODIFIED = 'Tue, 02 Sep 2025 08:30:53 GMT';

async function filled(): Promise<ContentStore> {
  const store = new MemoryContentStore();
  const writer = store.writer({ sha1: SHA1, size: SIZE, modified: new Date('2025-09-02T08:30:53.9Z') });
  await writer.write(BYTES);
  await writer.commit();
  return store;
}

async function serve(t: TestContext, store?: ContentStore): Promise<RawConnection> {
  const handler = createContentHandler(store ?? (await filled()));
  const { port } = await listen(t, (req, res) => void handler(req, res));
  return RawConnection.open(t, port);
}

/** A GET or HEAD of the file with these header lines. */
async function ask(
  connection: RawConnection,
  lines: readonly string[] = [],
  method = 'GET',
): Promise<RawAnswer> {
  return connection.exchange([`${method} ${PATH} HTTP/1.1`, 'Host: a', ...lines].join('\n'));
}

const names = (answer: RawAnswer): string[] =>
  answer.fields.map(([name]) => name).filter((name) => !['Date', 'Connection', 'Keep-Alive'].includes(name));

describe('whole files', () => {
  test('a GET is answered with all bytes and the observed headers in their order', async (t) => {
    const answer = await ask(await serve(t));
    assert.equal(answer.status, 200);
    assert.deepEqual(names(answer), [
      'Content-Type',
      'Last-Modified',
      'Accept-Ranges',
      'ETag',
      'Content-Length',
    ]);
    assert.equal(answer.header('content-type'), 'application/octet-stream');
    assert.equal(answer.header('last-modified'), MODIFIED);
    assert.equal(answer.header('accept-ranges'), 'bytes');
    assert.equal(answer.header('etag'), ETAG);
    assert.ok(answer.body.equals(BYTES));
  });

  test('a HEAD is answered like a GET, without the body and without regard to a Range', async (t) => {
    const connection = await serve(t);
    const whole = await ask(connection);
    for (const lines of [[], ['Range: bytes=0-9'], ['Range: bytes=2000000-']]) {
      const answer = await ask(connection, lines, 'HEAD');
      assert.equal(answer.status, 200);
      assert.equal(answer.header('content-length'), String(SIZE));
      assert.deepEqual(names(answer), names(whole));
    }
    assert.equal(connection.surplus.length, 0);
  });

  test('an empty file is served', async (t) => {
    const store = new MemoryContentStore();
    const sha1 = createHash('sha1').digest();
    await store.writer({ sha1 }).commit();
    const connection = await serve(t, store);
    for (const range of ['', '\nRange: bytes=0-0']) {
      const answer = await connection.exchange(`GET ${contentPath(sha1, '.txt')} HTTP/1.1\nHost: a${range}`);
      assert.deepEqual([answer.status, answer.header('content-length')], [200, '0']);
    }
  });

  test('compression is never applied, whatever the client accepts', async (t) => {
    const answer = await ask(await serve(t), ['Accept-Encoding: gzip, br, xpress']);
    assert.equal(answer.header('content-encoding'), undefined);
    assert.equal(answer.header('transfer-encoding'), undefined);
    assert.equal(answer.header('cache-control'), undefined);
    assert.ok(answer.body.equals(BYTES));
  });
});

describe('ranges', () => {
  test('one range is answered with exactly its bytes and the observed headers in their order', async (t) => {
    const answer = await ask(await serve(t), ['Range: bytes=300000-899999']);
    assert.equal(answer.status, 206);
    assert.deepEqual(names(answer), [
      'Content-Type',
      'Last-Modified',
      'Accept-Ranges',
      'ETag',
      'Content-Length',
      'Content-Range',
    ]);
    assert.equal(answer.header('content-range'), `bytes 300000-899999/${SIZE}`);
    assert.ok(answer.body.equals(BYTES.subarray(300_000, 900_000)));
  });

  test('a range behind the end is answered 416 with the size', async (t) => {
    const answer = await ask(await serve(t), ['Range: bytes=1000000-']);
    assert.equal(answer.status, 416);
    assert.equal(answer.header('content-range'), `bytes */${SIZE}`);
    assert.equal(answer.body.toString(), 'OAK_CONTENT_RANGE\n');
  });

  test('any ranges come back as exactly the bytes of their slices', async (t) => {
    const connection = await serve(t);
    const position = fc.oneof(fc.nat(SIZE + 1000), fc.nat(300));
    const spec = fc.oneof(
      fc.tuple(position, position).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      position.map((a) => `${a}-`),
      position.map((a) => `-${a}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(spec, { minLength: 1, maxLength: 5 }), async (specs) => {
        const answer = await ask(connection, [`Range: bytes=${specs.join(',')}`]);
        const seen = new Uint8Array(SIZE);
        if (answer.status === 206) {
          for (const { start, bytes } of partsOf(answer)) {
            assert.ok(bytes.equals(BYTES.subarray(start, start + bytes.length)));
            seen.fill(1, start, start + bytes.length);
          }
        } else {
          assert.equal(answer.status, 416);
        }
        const wanted = new Uint8Array(SIZE);
        for (const text of specs) {
          const [first = '', last = ''] = text.split('-');
          if (first === '') wanted.fill(1, Math.max(SIZE - Number(last), 0));
          else wanted.fill(1, Number(first), last === '' ? SIZE : Number(last) + 1);
        }
        assert.ok(Buffer.from(seen).equals(wanted));
      }),
      { numRuns: 50 },
    );
    assert.equal(connection.surplus.length, 0);
  });

  test('ranges that touch come as one, without multipart', async (t) => {
    const answer = await ask(await serve(t), ['Range: bytes=10-19,0-9']);
    assert.equal(answer.header('content-range'), `bytes 0-19/${SIZE}`);
    assert.ok(answer.body.equals(BYTES.subarray(0, 20)));
  });

  test('If-Range decides between the range and the whole file', async (t) => {
    const connection = await serve(t);
    const cases = {
      [ETAG]: 206,
      [MODIFIED]: 206,
      '"other"': 200,
      [`W/${ETAG}`]: 200,
      'Tue, 02 Sep 2025 08:30:54 GMT': 200,
    };
    for (const [value, status] of Object.entries(cases)) {
      const answer = await ask(connection, ['Range: bytes=0-9', `If-Range: ${value}`]);
      assert.equal(answer.status, status, value);
      assert.equal(answer.body.length, status === 206 ? 10 : SIZE);
    }
    const beyond = await ask(connection, ['Range: bytes=1000000-', 'If-Range: "other"']);
    assert.equal(beyond.status, 200);
  });
});

describe('conditions', () => {
  test('a file the client has is answered 304 with the validators and without a body', async (t) => {
    const connection = await serve(t);
    for (const method of ['GET', 'HEAD']) {
      for (const line of [
        `If-None-Match: ${ETAG}`,
        `If-None-Match: W/${ETAG}`,
        `If-Modified-Since: ${MODIFIED}`,
      ]) {
        const answer = await ask(connection, [line, 'Range: bytes=0-9'], method);
        assert.equal(answer.status, 304, line);
        assert.deepEqual([answer.header('etag'), answer.header('last-modified')], [ETAG, MODIFIED]);
      }
    }
    assert.equal((await ask(connection)).status, 200);
  });

  test('a failed condition is answered 412, even where the range could not be satisfied', async (t) => {
    const connection = await serve(t);
    for (const line of ['If-Match: "other"', 'If-Unmodified-Since: Tue, 02 Sep 2025 08:30:52 GMT']) {
      const answer = await ask(connection, [line, 'Range: bytes=1000000-']);
      assert.equal(answer.status, 412, line);
      assert.equal(answer.body.toString(), 'OAK_CONTENT_PRECONDITION\n');
    }
  });
});

describe('addresses', () => {
  const hex = SHA1.toString('hex');
  const folder = hex.slice(-2);
  const cases: readonly [target: string, status: number, code?: string][] = [
    [PATH, 200],
    [PATH.toLowerCase(), 200],
    [PATH.toUpperCase(), 200],
    [`/${PATH}`, 200],
    [PATH.replaceAll('/', '///'), 200],
    [PATH.replace('.exe', '.psf'), 200],
    [`${PATH}?a=/b`, 200],
    [`http://other:8530${PATH}`, 200],
    [`/Content/${folder}/${hex}`, 403, 'OAK_CONTENT_EXTENSION'],
    [`/Content/00/${hex}.exe`, 404, 'OAK_CONTENT_NOT_FOUND'],
    [`/Content/00/${'0'.repeat(40)}.exe`, 404, 'OAK_CONTENT_NOT_FOUND'],
    [`/Content/${folder}/../${folder}/${hex}.exe`, 404, 'OAK_CONTENT_NOT_FOUND'],
    ['/Content/', 404, 'OAK_CONTENT_NOT_FOUND'],
    ['/Content/%2e%2e/%2e%2e/etc/passwd', 404, 'OAK_CONTENT_NOT_FOUND'],
    ['*', 404, 'OAK_CONTENT_NOT_FOUND'],
  ];
  for (const [target, status, code] of cases) {
    test(`${target} is answered ${status}`, async (t) => {
      const answer = await (await serve(t)).exchange(`GET ${target} HTTP/1.1\nHost: a`);
      assert.equal(answer.status, status);
      if (code === undefined) return;
      assert.deepEqual(names(answer), ['Content-Type', 'Content-Length']);
      assert.equal(answer.body.toString(), `${code}\n`);
    });
  }

  test('another method is answered 405 and the connection closed before its body', async (t) => {
    const connection = await serve(t);
    const answer = await connection.exchange(`POST ${PATH} HTTP/1.1\nHost: a\nContent-Length: 1000000000`);
    assert.equal(answer.status, 405);
    assert.equal(answer.header('allow'), 'GET, HEAD');
    assert.equal(answer.header('connection'), 'close');
  });
});

describe('failures', () => {
  test('a store that fails before the first byte is answered 500 with the code alone', async (t) => {
    const [connection, failures] = await serveBroken(t, broken(0));
    const answer = await ask(connection);
    assert.deepEqual([answer.status, answer.body.toString()], [500, 'OAK_CONTENT_STORE\n']);
    assert.deepEqual(failures, ['OAK_CONTENT_STORE']);
  });

  test('a store that fails in the middle breaks the connection, so that the client does not take the part for the whole', async (t) => {
    for (const [after, code] of [
      [1000, 'OAK_CONTENT_STORE'],
      [1, 'OAK_INTERNAL'],
    ] as const) {
      const [connection, failures] = await serveBroken(t, broken(after));
      await assert.rejects(ask(connection), /ended in the middle|ECONNRESET/);
      assert.deepEqual(failures, [code]);
    }
  });

  test('a store that yields too little or too much breaks the connection', async (t) => {
    for (const length of [SIZE - 1, SIZE + 1]) {
      const store = Object.assign(broken(0), {
        open: async function* () {
          yield Buffer.alloc(length);
        },
      });
      const [connection, failures] = await serveBroken(t, store);
      await assert.rejects(ask(connection));
      assert.deepEqual(failures, ['OAK_INTERNAL']);
    }
  });

  test('a file that vanishes between look-up and reading is answered 404', async (t) => {
    const store = Object.assign(new MemoryContentStore(), {
      stat: async () => ({ size: SIZE, modified: new Date(0) }),
    });
    const [connection, failures] = await serveBroken(t, store);
    assert.equal((await ask(connection)).status, 404);
    assert.deepEqual(failures, []);
  });
});

/** A store that fails after so many bytes, by a bug where they are one. */
function broken(after: number): ContentStore {
  const store = new MemoryContentStore();
  return Object.assign(store, {
    stat: async () => ({ size: SIZE, modified: new Date(0) }),
    open: async function* () {
      if (after > 0) yield BYTES.subarray(0, after);
      throw after === 1 ? new TypeError('a bug') : new OakumError('OAK_CONTENT_STORE');
    },
  });
}

async function serveBroken(t: TestContext, store: ContentStore): Promise<[RawConnection, string[]]> {
  const failures: string[] = [];
  const handler = createContentHandler(store, { onFailure: ({ code }) => failures.push(code) });
  const { port } = await listen(t, (req, res) => void handler(req, res));
  return [await RawConnection.open(t, port), failures];
}

/** The parts of a 206, whether single or multipart (RFC 2046, 5.1.1). */
function partsOf(answer: RawAnswer): { start: number; bytes: Buffer }[] {
  const single = answer.header('content-range');
  if (single !== undefined) return [{ start: startOf(single), bytes: answer.body }];
  const boundary = /^multipart\/byteranges; boundary=([\w-]{1,70})$/.exec(
    answer.header('content-type') ?? '',
  )?.[1];
  assert.ok(boundary !== undefined);
  const parts: { start: number; bytes: Buffer }[] = [];
  let rest = answer.body;
  for (let opening = `--${boundary}\r\n`; rest.indexOf(opening) === 0; opening = `\r\n--${boundary}\r\n`) {
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    const head = rest.toString('latin1', opening.length, headEnd);
    const match =
      /^Content-Type: application\/octet-stream\r\nContent-Range: (bytes (\d+)-(\d+)\/1000000)\r\n\r\n$/.exec(
        head,
      );
    assert.ok(match, head);
    const end = headEnd + Number(match[3]) - Number(match[2]) + 1;
    parts.push({ start: startOf(match[1] ?? ''), bytes: rest.subarray(headEnd, end) });
    rest = rest.subarray(end);
  }
  assert.equal(rest.toString('latin1'), `\r\n--${boundary}--\r\n`);
  assert.ok(parts.length > 1);
  return parts;
}

function startOf(contentRange: string): number {
  return Number(/^bytes (\d+)-/.exec(contentRange)?.[1]);
}

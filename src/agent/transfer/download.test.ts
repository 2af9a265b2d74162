import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describe, test, type TestContext } from 'node:test';
import { listen } from '../../../test/support/raw-http.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { AgentFailure } from '../agent-failure.ts';
import type { ExtendedFile } from '../extended-fragment.ts';
import { formatHresult } from '../hresult.ts';
import { downloadFile, type DownloadReport, type Downloader } from './download.ts';

const MEBIBYTE = 1_048_576;

/** Five pieces, the last of 1,000 bytes. */
const CONTENT = Buffer.alloc(4 * MEBIBYTE + 1000);
for (let at = 0; at < CONTENT.length; at += 4) CONTENT.writeUInt32LE(at, at);

function fileOf(content: Buffer, change: Partial<ExtendedFile> = {}): ExtendedFile {
  return {
    digest: createHash('sha1').update(content).digest('base64'),
    sha256: createHash('sha256').update(content).digest('base64'),
    name: 'payload.cab',
    size: content.length,
    ...change,
  };
}

type Answer = (range: readonly [start: number, end: number], response: ServerResponse) => void;

interface Wanted {
  readonly method: string | undefined;
  readonly range: string | undefined;
  readonly headers: readonly string[];
}

/** What a proper content server answers. */
const proper: Answer = ([start, end], response) => {
  response.writeHead(206, {
    ETag: '"one"',
    'Content-Range': `bytes ${start}-${end}/${CONTENT.length}`,
    'Content-Length': String(end - start + 1),
  });
  response.end(CONTENT.subarray(start, end + 1));
};

interface Fetched {
  readonly outcome: DownloadReport | AgentFailure | OakumError;
  readonly wanted: readonly Wanted[];
  readonly connections: number;
}

async function fetchFrom(
  t: TestContext,
  downloader: Downloader,
  answer: Answer = proper,
  options: { readonly file?: ExtendedFile; readonly head?: RequestListener; readonly url?: string } = {},
): Promise<Fetched> {
  const wanted: Wanted[] = [];
  let connections = 0;
  const head: RequestListener =
    options.head ??
    ((_, response) =>
      void response.writeHead(200, { 'Content-Length': String(CONTENT.length), ETag: '"one"' }).end());
  const server = await listen(t, (request: IncomingMessage, response) => {
    const { range } = request.headers;
    wanted.push({ method: request.method, range, headers: request.rawHeaders });
    if (request.method === 'HEAD') return head(request, response);
    const bounds = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    assert.ok(bounds, String(range));
    answer([Number(bounds[1]), Number(bounds[2])], response);
  });
  server.on('connection', () => connections++);
  try {
    const outcome = await downloadFile(
      options.url ?? `http://127.0.0.1:${server.port}/Content/AA/AA.cab`,
      options.file ?? fileOf(CONTENT),
      { downloader, connections: 3, correlation: 'AAAAAAAAAAAAAAAA', timeoutMs: 10_000, random: random() },
    );
    return { outcome, wanted, connections };
  } catch (error) {
    assert.ok(error instanceof OakumError, String(error));
    return { outcome: error, wanted, connections };
  }
}

/** The same numbers each time. */
function random(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function codeOf({ outcome }: Fetched): string {
  if (outcome instanceof AgentFailure) return formatHresult(outcome.hresult);
  return outcome instanceof OakumError ? outcome.code : 'fetched';
}

describe('Delivery Optimization', () => {
  test('asks for closed pieces of 1 MiB in shuffled order, each once, on a few connections', async (t) => {
    const { outcome, wanted, connections } = await fetchFrom(t, 'delivery-optimization');
    assert.deepEqual(outcome, { bytes: CONTENT.length, requests: 5 });
    const last = CONTENT.length - 1;
    const inOrder = [0, 1, 2, 3].map((piece) => `bytes=${piece * MEBIBYTE}-${(piece + 1) * MEBIBYTE - 1}`);
    inOrder.push(`bytes=${4 * MEBIBYTE}-${last}`);
    const ranges = wanted.map(({ range }) => range ?? '');
    assert.notDeepEqual(ranges, inOrder);
    assert.deepEqual(new Set(ranges), new Set(inOrder));
    assert.equal(ranges.length, inOrder.length);
    assert.ok(wanted.every(({ method }) => method === 'GET'));
    assert.equal(connections, 3);
  });

  test('sends the headers of the agent in their order', async (t) => {
    const { wanted } = await fetchFrom(t, 'delivery-optimization');
    const names = wanted[0].headers.filter((_, index) => index % 2 === 0);
    assert.deepEqual(names, [
      ...['Connection', 'Accept', 'Range', 'User-Agent', 'MS-CV', 'Content-Length', 'Host'],
    ]);
    assert.ok(wanted[0].headers.includes('Microsoft-Delivery-Optimization/10.1'));
  });

  test('fetches a file below 1 MiB in one range, and an empty one not at all', async (t) => {
    const small = Buffer.from('small');
    const one = await fetchFrom(
      t,
      'delivery-optimization',
      ([start, end], response) =>
        void response.writeHead(206, { 'Content-Range': `bytes ${start}-${end}/5` }).end(small),
      { file: fileOf(small) },
    );
    assert.deepEqual(one.outcome, { bytes: 5, requests: 1 });
    assert.deepEqual(
      one.wanted.map(({ range }) => range),
      ['bytes=0-4'],
    );
    const none = await fetchFrom(t, 'delivery-optimization', proper, { file: fileOf(Buffer.alloc(0)) });
    assert.deepEqual(none.outcome, { bytes: 0, requests: 0 });
    assert.equal(none.wanted.length, 0);
  });

  test('gives up after the first piece that fails', async (t) => {
    let answers = 0;
    const fetched = await fetchFrom(t, 'delivery-optimization', (_, response) => {
      answers++;
      response.writeHead(404).end();
    });
    assert.equal(codeOf(fetched), '0x80244019');
    assert.ok(answers <= 3, String(answers));
  });
});

describe('BITS', () => {
  test('asks for the head first, then for ranges in order', async (t) => {
    const { outcome, wanted } = await fetchFrom(t, 'bits');
    assert.deepEqual(outcome, { bytes: CONTENT.length, requests: 6 });
    assert.deepEqual(
      wanted.map(({ method }) => method),
      ['HEAD', 'GET', 'GET', 'GET', 'GET', 'GET'],
    );
    const starts = wanted.slice(1).map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0]));
    assert.deepEqual(
      starts,
      starts.toSorted((one, other) => one - other),
    );
  });

  for (const [what, head, code] of [
    ['refuses HEAD', (response: ServerResponse) => response.writeHead(501).end(), '0x80244020'],
    [
      'names no size',
      (response: ServerResponse) => response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).end(),
      '0x80246007',
    ],
    [
      'names another size',
      (response: ServerResponse) => response.writeHead(200, { 'Content-Length': '7' }).end(),
      '0x80246007',
    ],
  ] as const) {
    test(`a server that ${what}: ${code}`, async (t) => {
      const fetched = await fetchFrom(t, 'bits', proper, { head: (_, response) => void head(response) });
      assert.equal(codeOf(fetched), code);
      assert.equal(fetched.wanted.length, 1);
    });
  }

  test('a file that changes in between: 0x80246007', async (t) => {
    const fetched = await fetchFrom(t, 'bits', ([start, end], response) => {
      const whole = CONTENT.length;
      response.writeHead(206, {
        ETag: start === 0 ? '"one"' : '"two"',
        'Content-Range': `bytes ${start}-${end}/${whole}`,
      });
      response.end(CONTENT.subarray(start, end + 1));
    });
    assert.equal(codeOf(fetched), '0x80246007');
    assert.equal(fetched.wanted.length, 3);
  });
});

for (const downloader of ['delivery-optimization', 'bits'] as const) {
  describe(`a bad file server, with ${downloader}`, () => {
    const head = { ETag: '"one"' };
    const range = ([start, end]: readonly [number, number]): string =>
      `bytes ${start}-${end}/${CONTENT.length}`;
    const partly = (wanted: readonly [number, number]): Record<string, string> => ({
      ...head,
      'Content-Range': range(wanted),
    });
    for (const [what, answer, code] of [
      [
        'answers 200 with the whole file',
        (_, response) => response.writeHead(200, head).end(CONTENT),
        'OAK_PEER_ANSWER',
      ],
      [
        'answers 200 with the piece',
        ([start, end], response) => response.writeHead(200, head).end(CONTENT.subarray(start, end + 1)),
        '0x80246007',
      ],
      ['answers 416', (_, response) => response.writeHead(416).end(), '0x8024402B'],
      ['answers 503', (_, response) => response.writeHead(503).end(), '0x80244022'],
      ['redirects', (_, response) => response.writeHead(302, { Location: '/other' }).end(), '0x80246007'],
      [
        'names no range',
        ([start, end], response) => response.writeHead(206, head).end(CONTENT.subarray(start, end + 1)),
        '0x80246007',
      ],
      [
        'names another range',
        ([start, end], response) =>
          response.writeHead(206, partly([start + 1, end + 1])).end(CONTENT.subarray(start, end + 1)),
        '0x80246007',
      ],
      [
        'names another whole',
        ([start, end], response) =>
          response
            .writeHead(206, { ...head, 'Content-Range': `bytes ${start}-${end}/99999999` })
            .end(CONTENT.subarray(start, end + 1)),
        '0x80246007',
      ],
      [
        'sends too little',
        (wanted, response) =>
          response.writeHead(206, partly(wanted)).end(CONTENT.subarray(wanted[0], wanted[1])),
        '0x80246007',
      ],
      [
        'sends too much',
        (wanted, response) =>
          response.writeHead(206, partly(wanted)).end(Buffer.alloc(wanted[1] - wanted[0] + 2)),
        'OAK_PEER_ANSWER',
      ],
      [
        'breaks off',
        (wanted, response) => {
          response.writeHead(206, { ...partly(wanted), 'Content-Length': '1000' });
          response.write('x', () => response.destroy());
        },
        'OAK_PEER_ANSWER',
      ],
      [
        'hangs up',
        (_, response) => {
          response.destroy();
        },
        'OAK_PEER_UNREACHABLE',
      ],
      [
        'sends something else',
        (wanted, response) =>
          response.writeHead(206, partly(wanted)).end(Buffer.alloc(wanted[1] - wanted[0] + 1, 'x')),
        '0x80096010',
      ],
    ] as const satisfies readonly (readonly [string, (...args: Parameters<Answer>) => unknown, string])[]) {
      test(`${what}: ${code}`, async (t) => {
        const fetched = await fetchFrom(t, downloader, (wanted, response) => void answer(wanted, response));
        assert.equal(codeOf(fetched), code);
      });
    }

    for (const [what, change, code] of [
      ['another SHA-1', { digest: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, '0x80096010'],
      ['another SHA-256', { sha256: 'AAAA' }, '0x80096010'],
      ['no SHA-256', { sha256: undefined }, '0x80096010'],
      ['an absurd size', { size: Number.MAX_SAFE_INTEGER }, '0x8007000E'],
    ] as const) {
      test(`metadata with ${what}: ${code}`, async (t) => {
        const fetched = await fetchFrom(t, downloader, proper, { file: fileOf(CONTENT, change) });
        assert.equal(codeOf(fetched), code);
      });
    }

    for (const url of ['', 'nowhere', 'file:///etc/hosts', 'ftp://127.0.0.1/']) {
      test(`the location "${url}": 0x80240439`, async (t) => {
        assert.equal(codeOf(await fetchFrom(t, downloader, proper, { url })), '0x80240439');
      });
    }
  });
}

test('a server that waits in the middle of a file is left when the time is over', async (t) => {
  const server = await listen(t, (_, response) => {
    response.writeHead(206, { 'Content-Range': `bytes 0-4/5` });
    response.write('x');
  });
  const failed = downloadFile(`http://127.0.0.1:${server.port}/`, fileOf(Buffer.from('12345')), {
    downloader: 'delivery-optimization',
    connections: 1,
    correlation: 'AAAAAAAAAAAAAAAA',
    timeoutMs: 100,
    random: random(),
  });
  await assert.rejects(failed, { code: 'OAK_PEER_ANSWER', problem: 'too-slow' });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RequestMemory, type KnownRequest } from './request-memory.ts';

const ROOM = 1 << 20;

/** A request with a credential in its middle. */
interface Request {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

function request(prefix: string, credential: string, suffix: string): Request {
  const start = Buffer.byteLength(prefix);
  return {
    bytes: Buffer.from(prefix + credential + suffix),
    start,
    end: start + Buffer.byteLength(credential),
  };
}

function find(memory: RequestMemory, { bytes, start, end }: Request): KnownRequest | undefined {
  return memory.find(bytes, start, end);
}

function remember(memory: RequestMemory, { bytes, start, end }: Request, value: string): KnownRequest {
  return memory.remember(bytes, start, end, { value });
}

/** Seen for the second time. */
function keep(memory: RequestMemory, one: Request, value: string): void {
  remember(memory, one, value);
  remember(memory, one, value);
}

describe('a request', () => {
  test('is kept when it comes for the second time, and recognised from the third, whatever its credential', () => {
    const memory = new RequestMemory(ROOM);
    const one = request('<a>', 'first', '<list/></a>');
    remember(memory, one, 'list');
    assert.equal(find(memory, one), undefined);
    const kept = remember(memory, one, 'list');
    assert.equal(find(memory, request('<a>', 'another credential', '<list/></a>')), kept);
    assert.deepEqual(kept.content, { value: 'list' });
  });

  const long = 'x'.repeat(20_000);
  for (const [what, prefix, suffix] of [
    ['in front of its credential', '<b>', `${long}</a>`],
    ['behind it', '<a>', `${long}</b>`],
    ['in length', '<a>', `${long} </a>`],
    ['in a single byte', '<a>', `${long.slice(0, 3000)}y${long.slice(3001)}</a>`],
  ] as const) {
    test(`that differs ${what} is another one`, () => {
      const memory = new RequestMemory(ROOM);
      keep(memory, request('<a>', '', `${long}</a>`), 'one');
      const other = request(prefix, '', suffix);
      assert.equal(find(memory, other), undefined);
      keep(memory, other, 'other');
      assert.equal(find(memory, other)?.content.value, 'other');
      // Of two that are the same behind their credential the later one is kept.
      const first = find(memory, request('<a>', '', `${long}</a>`));
      assert.equal(first?.content.value, prefix === '<a>' ? 'one' : undefined);
    });
  }

  test('is recognised if and only if the same was kept', () => {
    const part = fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part, part), { maxLength: 40 }), (sequence) => {
        const memory = new RequestMemory(ROOM);
        for (const [prefix, credential, suffix] of sequence) {
          const one = request(prefix, credential, suffix);
          const known = find(memory, one);
          if (known !== undefined) assert.equal(known.content.value, JSON.stringify([prefix, suffix]));
          else remember(memory, one, JSON.stringify([prefix, suffix]));
        }
      }),
    );
  });
});

test('what was not asked for the longest time makes room', () => {
  const memory = new RequestMemory(40_000);
  const requests = Array.from({ length: 4 }, (_, index) => request('', '', String(index).repeat(6000)));
  for (const [index, one] of requests.entries()) {
    keep(memory, one, String(index));
    assert.ok(find(memory, requests[0]) !== undefined);
  }
  assert.deepEqual(
    requests.map((one) => find(memory, one) !== undefined),
    [true, false, true, true],
  );
});

test('without room nothing is kept', () => {
  const memory = new RequestMemory(0);
  const one = request('<a>', '', '</a>');
  keep(memory, one, 'one');
  assert.equal(find(memory, one), undefined);
});

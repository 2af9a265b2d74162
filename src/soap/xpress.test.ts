import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { Direct2Writer } from './direct2-writer.ts';
import { MIN_PAYLOAD_BYTES } from './xpress-block.ts';
import { BLOCK_BYTES, MAX_BLOCK_BYTES, xpressDecode, xpressEncode } from './xpress.ts';

const AMPLE = 1 << 24;

/** An element as the specification writes them: a data byte, or a match as (distance, length). */
type Element = string | readonly [distance: number, length: number];

function payloadOf(...elements: readonly Element[]): Buffer {
  const output = Buffer.alloc(256);
  const writer = new Direct2Writer();
  writer.begin(output, 0);
  for (const element of elements) {
    if (typeof element === 'string') for (const byte of Buffer.from(element)) writer.literal(byte);
    else writer.match(element[1], element[0]);
  }
  return output.subarray(0, writer.end());
}

function framed(original: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(original, 0);
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/**
 * A second decoder, straight from the text of [MS-WUSP] 2.1.1: slow, wasteful and without a line in common
 * with the one under test. Throws RangeError on malformed input.
 */
function naiveDecode(input: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let rest = input;
  while (rest.length > 0) {
    const original = rest.readInt32LE(0);
    const compressed = rest.readInt32LE(4);
    if (original < 0 || compressed < 0 || compressed > rest.length - 8) throw new RangeError('header');
    const payload = rest.subarray(8, 8 + compressed);
    const block = compressed === original ? payload : Buffer.from(naiveBlock([...payload], original));
    if (block.length !== original) throw new RangeError('block length');
    blocks.push(block);
    rest = rest.subarray(8 + compressed);
  }
  return Buffer.concat(blocks);
}

function naiveBlock(payload: number[], original: number): number[] {
  const output: number[] = [];
  let bits: string[] = [];
  let reservedNibble: number | undefined;
  const take = (): number => {
    const byte = payload.shift();
    if (byte === undefined) throw new RangeError('truncated');
    return byte;
  };
  const takeLittleEndian = (count: number): bigint => {
    const bytes = Array.from({ length: count }, take);
    return BigInt(`0x${Buffer.from(bytes.reverse()).toString('hex')}`);
  };
  for (;;) {
    if (bits.length === 0) bits = takeLittleEndian(4).toString(2).padStart(32, '0').split('');
    if (bits.shift() === '0') {
      output.push(take());
    } else if (payload.length === 0) {
      return output;
    } else {
      const metadata = takeLittleEndian(2).toString(2).padStart(16, '0');
      const complement = metadata.slice(0, 13).replaceAll(/./g, (bit) => (bit === '0' ? '1' : '0'));
      const offset = BigInt.asIntN(13, BigInt(`0b${complement}`));
      // The complement of 13 bits is always negative, also where it has no sign bit left.
      const start = output.length + Number(offset < 0n ? offset : offset - 8192n);
      let length = Number.parseInt(metadata.slice(13), 2) + 3;
      if (metadata.endsWith('111')) {
        const nibble: number = reservedNibble ?? payload[0] % 16;
        reservedNibble = reservedNibble === undefined ? Math.floor(take() / 16) : undefined;
        length = 10 + nibble;
        if (nibble === 15) {
          const byte = take();
          length = 25 + byte;
          if (byte === 255) {
            const short = takeLittleEndian(2);
            const whole = short === 0n ? takeLittleEndian(4) : short;
            if (whole < 22n) throw new RangeError('length field');
            length = Number(whole + 3n);
          }
        }
      }
      if (start < 0 || output.length + length > original) throw new RangeError('match');
      for (let i = 0; i < length; i++) output.push(output[start + i]);
    }
    if (output.length > original) throw new RangeError('too long');
  }
}

describe('golden bytes', () => {
  const cases: readonly {
    readonly name: string;
    readonly elements: readonly Element[];
    readonly text: string;
    readonly payload: string;
  }[] = [
    {
      name: 'the bitmask example: ABCABCDEF',
      elements: ['ABC', [3, 3], 'DEF'],
      text: 'ABCABCDEF',
      payload: 'ffffff11 414243 1000 444546',
    },
    {
      name: 'the pointer example: ABCABCCCC, with a match that repeats itself',
      elements: ['ABC', [3, 3], [1, 3]],
      text: 'ABCABCCCC',
      payload: 'ffffff1f 414243 1000 0000',
    },
    {
      name: 'the offset example: metadata 0x0018 reaches back 4 bytes',
      elements: ['ABCD', [4, 3]],
      text: 'ABCDABC',
      payload: 'ffffff0f 41424344 1800',
    },
    {
      name: 'the alphabet of [MS-XCA] 3.1',
      elements: ['abcdefghijklmnopqrstuvwxyz'],
      text: 'abcdefghijklmnopqrstuvwxyz',
      payload: '3f000000 6162636465666768696a6b6c6d6e6f707172737475767778797a',
    },
    {
      name: 'a full bitmask is followed by another one for the end mark',
      elements: ['abcdefghijklmnopqrstuvwxyz012345'],
      text: 'abcdefghijklmnopqrstuvwxyz012345',
      payload: '00000000 6162636465666768696a6b6c6d6e6f707172737475767778797a303132333435 ffffffff',
    },
    {
      name: 'three long matches: the second uses the nibble that the first left, the third adds a byte',
      elements: ['a', [1, 12], 'b', [1, 13], 'c', [1, 14]],
      text: 'a'.repeat(13) + 'b'.repeat(14) + 'c'.repeat(15),
      payload: 'ffffff57 61 0700 32 62 0700 63 0700 04',
    },
    {
      name: 'no data at all',
      elements: [],
      text: '',
      payload: 'ffffffff',
    },
    ...(
      [
        [3, '0000'],
        [9, '0600'],
        [10, '0700 00'],
        [24, '0700 0e'],
        [25, '0700 0f 00'],
        [26, '0700 0f 01'],
        [279, '0700 0f fe'],
        [280, '0700 0f ff 1501'],
        [281, '0700 0f ff 1601'],
        [65_534, '0700 0f ff fbff'],
      ] as const
    ).map(([length, metadata]) => ({
      name: `a match of ${length} bytes`,
      elements: ['a', [1, length]] as const,
      text: 'a'.repeat(1 + length),
      payload: `ffffff7f 61 ${metadata}`,
    })),
  ];

  for (const { name, elements, text, payload } of cases) {
    test(name, () => {
      assert.deepEqual(payloadOf(...elements), hex(payload));
      const block = framed(text.length, hex(payload));
      assert.equal(xpressDecode(block, AMPLE).toString(), text);
      assert.equal(naiveDecode(block).toString(), text);
    });
  }

  test('the encoder produces the bytes of [MS-XCA] 3.1 for a hundred times abc', () => {
    const bytes = hex('2c010000 0d000000 ffffff1f 616263 1700 0f ff 2601');
    assert.deepEqual(xpressEncode(Buffer.from('abc'.repeat(100))), bytes);
    assert.equal(xpressDecode(bytes, 300).toString(), 'abc'.repeat(100));
  });

  test('the farthest match reaches back 8,192 bytes', () => {
    const block = framed(8195, payloadOf('a', [1, 8191], [8192, 3]));
    assert.deepEqual(xpressDecode(block, AMPLE), Buffer.alloc(8195, 'a'));
    assert.deepEqual(naiveDecode(block), Buffer.alloc(8195, 'a'));
  });

  test('a 16-bit length of zero announces a 32-bit length', () => {
    const block = framed(70_000, hex('ffffff7f 61 0700 0f ff 0000 6c110100'));
    assert.deepEqual(xpressDecode(block, AMPLE), Buffer.alloc(70_000, 'a'));
    assert.deepEqual(naiveDecode(block), Buffer.alloc(70_000, 'a'));
  });
});

describe('encoding', () => {
  test('an empty body gives an empty body', () => {
    assert.equal(xpressEncode(new Uint8Array()).length, 0);
    assert.equal(xpressDecode(new Uint8Array(), 0).length, 0);
  });

  test('blocks hold 16,352 bytes', () => {
    assert.deepEqual(originals(xpressEncode(Buffer.alloc(40_000, 'a'))), [BLOCK_BYTES, BLOCK_BYTES, 7296]);
  });

  test('a block that does not shrink is stored', () => {
    const noise = pseudorandom(7, 200, 256);
    assert.deepEqual(xpressEncode(noise), framed(200, noise));
  });

  test('a block whose payload would be shorter than decoders take is stored', () => {
    assert.deepEqual(xpressEncode(Buffer.alloc(10, 'a')), framed(10, Buffer.alloc(10, 'a')));
    assert.deepEqual(xpressEncode(Buffer.alloc(11, 'a')), framed(11, hex('ffffff7f 61 0700 00')));
  });

  test('a view into a larger buffer is encoded and decoded where it lies', () => {
    const input = Buffer.from(`....${'abc'.repeat(100)}....`).subarray(4, -4);
    const encoded = Buffer.concat([Buffer.alloc(3), xpressEncode(input), Buffer.alloc(3)]).subarray(3, -3);
    assert.deepEqual(xpressDecode(encoded, AMPLE), input);
  });

  test('encoded bodies may be concatenated', () => {
    const [a, b] = [Buffer.alloc(500, 'a'), Buffer.alloc(20_000, 'b')];
    const joined = Buffer.concat([xpressEncode(a), xpressEncode(b)]);
    assert.deepEqual(xpressDecode(joined, AMPLE), Buffer.concat([a, b]));
  });

  test('a block is encoded alike, however many blocks came before it', () => {
    // 8,209 ticks of the match finder's clock per block: enough to pass its limit of 2^30 once.
    const count = 140_000;
    const frame = xpressEncode(Buffer.from('abcabcabcabcabca'));
    const encoded = xpressEncode(Buffer.alloc(16 * count, 'abcabcabcabcabca'), { blockBytes: 16 });
    assert.equal(frame.length, 18);
    assert.ok(encoded.equals(Buffer.alloc(18 * count, frame)));
  });

  test('a block size outside the specification is refused', () => {
    for (const blockBytes of [0, -1, 1.5, MAX_BLOCK_BYTES + 1, Number.NaN]) {
      assert.throws(() => xpressEncode(Buffer.from('a'), { blockBytes }), { code: 'OAK_INTERNAL' });
    }
  });

  for (const exchange of ['000001', '000015']) {
    test(`captured answer ${exchange} survives`, { skip: skipWithoutFixtures }, () => {
      const body = readFileSync(fixture(`native/flow/${exchange}/response.body`));
      const encoded = xpressEncode(body);
      assert.ok(xpressDecode(encoded, body.length).equals(body));
      assert.ok(naiveDecode(encoded).equals(body));
    });
  }

  test('the captured answer is no longer than WSUS has made it', { skip: skipWithoutFixtures }, () => {
    const body = readFileSync(fixture('native/flow/000001/response.body'));
    assert.ok(xpressEncode(body).length <= 4431);
  });
});

describe('round trips', () => {
  const lengths = [0, 1, 2, 3, 8, 9, 10, 24, 25, 26, 279, 280, 281, 8191, 8192, 8193, BLOCK_BYTES - 1];
  lengths.push(BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, MAX_BLOCK_BYTES, MAX_BLOCK_BYTES + 10);

  for (const length of lengths) {
    test(`bodies of ${length} bytes`, () => {
      for (const input of [
        Buffer.alloc(length, 'a'),
        Buffer.alloc(length, '<a>'),
        Buffer.alloc(length, xmlLike(length, 60)),
        pseudorandom(length, length, 2),
        pseudorandom(length, length, 256),
      ]) {
        assertRoundTrip(input, BLOCK_BYTES);
        assertRoundTrip(input, MAX_BLOCK_BYTES);
      }
    });
  }

  test('noise of any alphabet in blocks of any size', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 6000 }),
        (seed, length, alphabet, blockBytes) => {
          assertRoundTrip(pseudorandom(seed, length, alphabet), blockBytes);
        },
      ),
    );
  });

  test('runs and repeated phrases', () => {
    const phrase = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      times: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(phrase, { maxLength: 12 }), (phrases) => {
        const parts = phrases.map(({ bytes, times }) => Buffer.alloc(bytes.length * times, bytes));
        assertRoundTrip(Buffer.concat(parts), BLOCK_BYTES);
      }),
    );
  });

  test('escaped XML', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 400 }), (seed, elements) => {
        assertRoundTrip(xmlLike(seed, elements), BLOCK_BYTES);
      }),
      { numRuns: 40 },
    );
  });
});

describe('decoding', () => {
  const text = 'ABCABCDEF';
  const valid = framed(text.length, payloadOf('ABC', [3, 3], 'DEF'));

  test('a stored block is copied verbatim', () => {
    const stored = hex('ffffffff ffffffff ffff');
    assert.deepEqual(xpressDecode(framed(10, stored), 10), stored);
  });

  test('a block may be larger than the specification allows', () => {
    const noise = pseudorandom(3, 100_000, 256);
    assert.deepEqual(xpressDecode(framed(100_000, noise), 100_000), noise);
  });

  test('blocks of zero bytes are taken', () => {
    const empty = framed(0, new Uint8Array());
    assert.equal(xpressDecode(Buffer.concat([empty, valid, empty]), 9).toString(), text);
  });

  const malformed: Readonly<Record<string, Buffer>> = {
    'a header that breaks off': valid.subarray(0, 7),
    'bytes behind the last block': Buffer.concat([valid, Buffer.alloc(3)]),
    'a negative original length': hex('ffffffff 04000000 ffffffff'),
    'a negative compressed length': hex('04000000 ffffffff ffffffff'),
    'equal negative lengths': hex('ffffffff ffffffff ffffffff'),
    'a compressed length beyond the body': hex('04000000 05000000 ffffffff'),
    'no payload for a block that has bytes': framed(4, new Uint8Array()),
    'a distance before the start of the block': framed(12, payloadOf('ABC', [4, 9])),
    'a distance into the block before': Buffer.concat([valid, framed(12, payloadOf('ABC', [4, 9]))]),
    'a match as first element': framed(3, payloadOf([1, 3])),
    'a match beyond the declared end': framed(8, payloadOf('ABC', [3, 3], [3, 3])),
    'a data byte beyond the declared end': framed(3, payloadOf('ABCD')),
    'fewer bytes than declared': framed(14, payloadOf('ABC', [3, 10])),
    'bytes behind the end mark': framed(3, Buffer.concat([payloadOf('ABC'), Buffer.alloc(1)])),
    'no end mark': framed(3, hex('00000000 414243')),
    'no bitmask for the end mark': framed(32, Buffer.concat([Buffer.alloc(4), Buffer.alloc(32, 'a')])),
    'half a match': framed(12, hex('ffffff7f 61 07')),
    'a long match without its shared byte': framed(12, hex('ffffff7f 61 0700')),
    'a long match without its byte': framed(30, hex('ffffff7f 61 0700 0f')),
    'a long match without its 16 bits': framed(300, hex('ffffff7f 61 0700 0f ff 01')),
    'a long match without its 32 bits': framed(300, hex('ffffff7f 61 0700 0f ff 0000 000000')),
    'a 16-bit length that is too small for its field': framed(25, hex('ffffff7f 61 0700 0f ff 1500')),
    'a 32-bit length of zero': framed(4, hex('ffffff7f 61 0700 0f ff 0000 00000000')),
  };

  for (const [name, body] of Object.entries(malformed)) {
    test(`refuses ${name}`, () => {
      assert.throws(() => xpressDecode(body, AMPLE), { code: 'OAK_XPRESS_INVALID' });
    });
  }

  test('a body cut anywhere but between blocks is refused', () => {
    const blocks = [xmlLike(1, 3), Buffer.alloc(20, 'a'), pseudorandom(5, 30, 256)].map((part) =>
      xpressEncode(part),
    );
    const body = Buffer.concat(blocks);
    const seams = blocks.map((_, i) => Buffer.concat(blocks.slice(0, i)).length);
    for (let cut = 0; cut < body.length; cut++) {
      if (seams.includes(cut)) continue;
      assert.throws(() => xpressDecode(body.subarray(0, cut), AMPLE), { code: 'OAK_XPRESS_INVALID' });
    }
  });

  test('the limit counts decoded bytes of all blocks', () => {
    const twice = Buffer.concat([valid, valid]);
    assert.equal(xpressDecode(twice, 18).toString(), text + text);
    assert.throws(() => xpressDecode(twice, 17), { code: 'OAK_XPRESS_LIMIT' });
  });

  test('a bomb is refused by what it declares', () => {
    const bomb = framed(0x7fffffff, payloadOf('a', [1, 60_000]));
    assert.throws(() => xpressDecode(bomb, AMPLE), { code: 'OAK_XPRESS_LIMIT' });
    assert.throws(() => xpressDecode(Buffer.concat([bomb, bomb]), 2 ** 31), { code: 'OAK_XPRESS_LIMIT' });
  });

  test('random payloads are decoded as the specification says, or refused', () => {
    const payload = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), payload, (original, bytes) => {
        assertAgreement(framed(original, bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('random bodies never throw anything but an OakumError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertAgreement(Buffer.from(bytes))));
  });

  test('damaged bodies are decoded as the specification says, or refused', () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.integer(), fc.array(damage, { minLength: 1, maxLength: 4 }), (seed, hits) => {
        const body = xpressEncode(xmlLike(seed, 12), { blockBytes: 900 });
        for (const { at, byte } of hits) body[at % body.length] = byte;
        assertAgreement(body);
      }),
      { numRuns: 1000 },
    );
  });
});

/** The production decoder and the naive one return the same bytes, or both refuse. */
function assertAgreement(body: Buffer): void {
  const maxBytes = 100_000;
  let decoded: Buffer;
  try {
    decoded = xpressDecode(body, maxBytes);
  } catch (error) {
    assert.ok(error instanceof OakumError);
    if (error.code === 'OAK_XPRESS_INVALID') assert.throws(() => naiveDecode(body), RangeError);
    else assert.equal(error.code, 'OAK_XPRESS_LIMIT');
    return;
  }
  assert.ok(decoded.length <= maxBytes);
  assert.ok(decoded.equals(naiveDecode(body)));
}

function assertRoundTrip(input: Buffer, blockBytes: number): void {
  const encoded = xpressEncode(input, { blockBytes });
  assert.ok(xpressDecode(encoded, input.length).equals(input));
  assert.ok(naiveDecode(encoded).equals(input));
  const sizes = originals(encoded);
  assert.equal(sizes.length, Math.ceil(input.length / blockBytes));
  assert.ok(sizes.slice(0, -1).every((size) => size === blockBytes));
}

/** The blocks' uncompressed sizes; asserts that each is stored or shrunk to what decoders take. */
function originals(body: Buffer): number[] {
  const sizes: number[] = [];
  for (let at = 0; at < body.length;) {
    const original = body.readInt32LE(at);
    const compressed = body.readInt32LE(at + 4);
    assert.ok(compressed === original || (compressed >= MIN_PAYLOAD_BYTES && compressed < original));
    sizes.push(original);
    at += 8 + compressed;
  }
  return sizes;
}

/** Reproducible noise (xorshift) of bytes below `alphabet`. */
function pseudorandom(seed: number, length: number, alphabet: number): Buffer {
  let state = seed | 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 8) % alphabet;
    }),
  );
}

/** What answers are made of: the same few elements over and over, around numbers and identifiers. */
function xmlLike(seed: number, elements: number): Buffer {
  const noise = pseudorandom(seed, elements * 16, 256);
  const parts: string[] = ['<s:Body>'];
  for (let i = 0; i < elements; i++) {
    const id = noise.subarray(i * 16, i * 16 + 16).toString('hex');
    const name = ['Update', 'Deployment', 'Relationship'][noise[i] % 3];
    parts.push(
      `<${name}><Id>${noise.readUInt16LE(i)}</Id><Xml>&lt;Ref UpdateID="${id}"/&gt;</Xml></${name}>`,
    );
  }
  return Buffer.from(parts.join(''));
}

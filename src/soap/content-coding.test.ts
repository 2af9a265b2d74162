import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { raised } from '../../test/support/error-code.ts';
import { XmlWriter } from '../xml/writer.ts';
import {
  decodeBody,
  encodeBody,
  negotiateCoding,
  XPRESS_MODES,
  type ContentCoding,
} from './content-coding.ts';
import { Passage } from './passage.ts';
import { xpressEncode } from './xpress.ts';

const MAX_BYTES = 100_000;
const CODINGS = ['xpress', 'gzip', 'identity'] as const;

describe('the coding of an answer', () => {
  const both: readonly ContentCoding[] = ['xpress', 'gzip'];
  for (const [accepted, offered, coding] of [
    [undefined, both, 'identity'],
    ['', both, 'identity'],
    ['xpress', both, 'xpress'],
    ['XPress', both, 'xpress'],
    [' gzip , xpress ', both, 'xpress'],
    ['gzip, deflate, br', both, 'gzip'],
    ['gzip;q=1.0, xpress;q=0.1', both, 'xpress'],
    ['xpress;q=0, gzip', both, 'gzip'],
    ['xpress; q=0.000', both, 'identity'],
    ['xpress;q=0.001', both, 'xpress'],
    ['identity', both, 'identity'],
    ['*', both, 'identity'],
    ['*;q=0', both, 'identity'],
    ['xpress-huffman, gzipped, x', both, 'identity'],
    [';;,,;q=,=', both, 'identity'],
    ['xpress', ['gzip'], 'identity'],
    ['xpress, gzip', ['gzip'], 'gzip'],
    ['xpress', [], 'identity'],
  ] as const) {
    test(`is ${coding} for "${accepted}" where ${offered.join(' and ') || 'nothing'} is offered`, () => {
      assert.equal(negotiateCoding(accepted, offered), coding);
    });
  }
});

test('what was coded is decoded to the same bytes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CODINGS), fc.uint8Array({ maxLength: 3000 }), (coding, content) => {
      assert.deepEqual(decodeBody(coding, inCoding(coding, content), MAX_BYTES), Buffer.from(content));
    }),
  );
});

test('what is spliced from kept passages decodes to the same bytes as what is compressed as a whole', () => {
  const pieces = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 40_000 }), kept: fc.boolean() }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      pieces,
      fc.constantFrom(...CODINGS),
      fc.constantFrom(...XPRESS_MODES),
      (list, coding, mode) => {
        const writer = new XmlWriter().markup('<a>');
        for (const { bytes, kept } of list) writer.encoded(kept ? Passage.of(bytes) : bytes);
        const plain = Buffer.concat([Buffer.from('<a>'), ...list.map(({ bytes }) => bytes)]);
        const sent = Buffer.concat(encodeBody(coding, writer, mode));
        assert.deepEqual(decodeBody(coding, sent, 1_000_000), plain);
      },
    ),
  );
});

function inCoding(coding: ContentCoding, content: Uint8Array): Buffer {
  return Buffer.concat(encodeBody(coding, new XmlWriter().encoded(content)));
}

describe('a request body', () => {
  const body = Buffer.from('<a/>'.repeat(100));
  for (const [coding, coded] of [
    [undefined, body],
    ['', body],
    ['identity', body],
    [' Identity ', body],
    ['gzip', gzipSync(body)],
    ['X-GZIP', gzipSync(body)],
    ['gzip', Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))])],
    ['xpress', xpressEncode(body)],
  ] as const) {
    test(`is read from ${coding ?? 'no coding'}`, () => {
      assert.deepEqual(decodeBody(coding, coded, MAX_BYTES), body);
    });
  }

  for (const [name, coding, coded, code] of [
    ['a coding nobody knows', 'br', body, 'OAK_HTTP_CODING'],
    ['deflate', 'deflate', deflateSync(body), 'OAK_HTTP_CODING'],
    ['two codings', 'gzip, gzip', gzipSync(gzipSync(body)), 'OAK_HTTP_CODING'],
    ['gzip that is none', 'gzip', body, 'OAK_HTTP_CODING'],
    ['gzip without bytes', 'gzip', Buffer.alloc(0), 'OAK_HTTP_CODING'],
    ['gzip that ends early', 'gzip', gzipSync(body).subarray(0, -1), 'OAK_HTTP_CODING'],
    ['gzip with something behind it', 'gzip', Buffer.concat([gzipSync(body), body]), 'OAK_HTTP_CODING'],
    ['a gzip bomb', 'gzip', gzipSync(Buffer.alloc(MAX_BYTES + 1)), 'OAK_HTTP_TOO_LARGE'],
    [
      'a bomb in two parts',
      'gzip',
      Buffer.concat(Array.from({ length: 2 }, () => gzipSync(Buffer.alloc(MAX_BYTES - 9)))),
      'OAK_HTTP_TOO_LARGE',
    ],
    ['an xpress bomb', 'xpress', xpressEncode(Buffer.alloc(MAX_BYTES + 1)), 'OAK_XPRESS_LIMIT'],
    ['xpress that is none', 'xpress', body, 'OAK_XPRESS_INVALID'],
  ] as const) {
    test(`is refused: ${name}`, () => {
      assert.equal(
        raised(() => decodeBody(coding, coded, MAX_BYTES)),
        code,
      );
    });
  }

  test('of exactly the limit is taken', () => {
    const full = Buffer.alloc(MAX_BYTES, 1);
    for (const coding of ['xpress', 'gzip'] as const)
      assert.equal(decodeBody(coding, inCoding(coding, full), MAX_BYTES).length, MAX_BYTES);
  });
});

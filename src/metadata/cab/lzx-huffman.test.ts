import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HuffmanTable } from './lzx-huffman.ts';

const look = (table: HuffmanTable, bits: string): [symbol: number, length: number] => {
  const next = Number.parseInt(bits.padEnd(16, '0'), 2);
  const entry = table.root[next >>> (16 - table.rootBits)] || table.long(next);
  return [entry >> 5, entry & 31];
};

describe('a Huffman table', () => {
  it('assigns codes by length and then by symbol', () => {
    const table = new HuffmanTable(5, 4);
    table.build(Uint8Array.of(2, 1, 0, 3, 3));
    assert.deepEqual(look(table, '0'), [1, 1]);
    assert.deepEqual(look(table, '10'), [0, 2]);
    assert.deepEqual(look(table, '110'), [3, 3]);
    assert.deepEqual(look(table, '111'), [4, 3]);
  });

  it('finds codes that are longer than its root', () => {
    const table = new HuffmanTable(17, 3);
    table.build(Uint8Array.from({ length: 17 }, (_, symbol) => Math.min(symbol + 1, 16)));
    for (let symbol = 0; symbol < 16; symbol++) {
      assert.deepEqual(look(table, `${'1'.repeat(symbol)}0`), [symbol, symbol + 1]);
    }
    assert.deepEqual(look(table, '1'.repeat(16)), [16, 16]);
  });

  it('can be built again', () => {
    const table = new HuffmanTable(2, 2);
    table.build(Uint8Array.of(1, 1));
    table.build(Uint8Array.of(0, 1));
    assert.deepEqual(look(table, '0'), [1, 1]);
  });

  it('may have no code at all, and refuses to find one then', () => {
    const table = new HuffmanTable(4, 3);
    table.build(new Uint8Array(4));
    assert.throws(() => look(table, '0'), { code: 'OAK_CABINET_INVALID' });
  });

  it('refuses lengths that use bits twice', () => {
    const table = new HuffmanTable(3, 3);
    assert.throws(() => table.build(Uint8Array.of(1, 1, 1)), { code: 'OAK_CABINET_INVALID' });
    assert.throws(() => table.build(Uint8Array.of(1, 1, 16)), { code: 'OAK_CABINET_INVALID' });
  });
});

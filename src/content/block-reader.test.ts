import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { BlockReader } from './block-reader.ts';
import { OpenFiles, type FileLease } from './open-files.ts';
import { BLOCK_BYTES } from './recent-blocks.ts';

const SIZE = 3 * BLOCK_BYTES + 777;
const BYTES = createHash('shake128', { outputLength: SIZE }).update('blocks').digest();

async function opened(t: TestContext): Promise<{ readonly file: FileLease; readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'oakum-content-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, BYTES);
  const files = new OpenFiles();
  const file = await files.acquire(path);
  t.after(() => {
    file.release();
    files.retire(path);
  });
  return { file, path };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = [];
  for await (const chunk of chunks) copies.push(Uint8Array.from(chunk));
  return Buffer.concat(copies);
}

for (const direct of [true, false]) {
  test(`any parts read in any order are those of the file, direct: ${direct}`, async (t) => {
    const { file } = await opened(t);
    const reader = new BlockReader({ direct });
    const position = fc.oneof(
      fc.nat(SIZE),
      fc.nat(3).map((block) => block * BLOCK_BYTES),
      fc.constant(SIZE),
    );
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        assert.ok((await bytesOf(reader.lent(file, start, end))).equals(BYTES.subarray(start, end)));
      }),
      { numRuns: 60 },
    );
  });
}

test('many readers of what is in memory get their own bytes', async (t) => {
  const { file } = await opened(t);
  const reader = new BlockReader({ direct: true });
  await bytesOf(reader.lent(file, 0, SIZE));
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const start = index * 1000;
      assert.ok((await bytesOf(reader.lent(file, start, SIZE))).equals(BYTES.subarray(start)));
    }),
  );
});

test('a file that has shrunk is a failure of the store, from memory too', async (t) => {
  const { file, path } = await opened(t);
  const reader = new BlockReader({ direct: true });
  await bytesOf(reader.lent(file, 0, SIZE));
  await truncate(path, BLOCK_BYTES + 10);
  for (let times = 0; times < 2; times++) {
    await assert.rejects(bytesOf(reader.lent(file, 0, SIZE)), {
      code: 'OAK_CONTENT_STORE',
      message: /has shrunk/,
    });
  }
});

test('short work is done between the blocks of long reads from memory', async (t) => {
  const { file } = await opened(t);
  const reader = new BlockReader({ direct: true });
  await bytesOf(reader.lent(file, 0, SIZE));
  let chunks = 0;
  const reads = Array.from({ length: 50 }, async () => {
    for await (const _ of reader.lent(file, 0, SIZE)) chunks++;
  });
  let before = 0;
  while (before < 200) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(chunks - before <= 4, `${chunks - before} blocks in one round`);
    before = chunks;
  }
  await Promise.all(reads);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import type { ContentStore, ExpectedContent } from './content-store.ts';

/**
 * The contract of {@link ContentStore} as tests. An adapter's test file calls it and nothing else.
 *
 * @param factory opens a store; `folder` is empty at the first call of a test and the adapter's own. A second call
 * with the same folder stands for the next start after a crash, where the adapter outlives its process.
 */
export function contentStoreConformance(
  name: string,
  factory: (folder: string) => ContentStore | Promise<ContentStore>,
): void {
  const open = async (t: TestContext): Promise<ContentStore> => factory(await temporaryFolder(t));

  describe(`content store: ${name}`, () => {
    test('a committed file is served byte for byte', async (t) => {
      const store = await open(t);
      const file = sample(700_001);
      await put(store, file);
      assert.deepEqual(await read(store, file.sha1, 0, file.bytes.length), file.bytes);
      assert.equal((await store.stat(file.sha1))?.size, file.bytes.length);
    });

    test('an empty file can be stored', async (t) => {
      const store = await open(t);
      const file = sample(0);
      await put(store, file);
      assert.equal((await store.stat(file.sha1))?.size, 0);
      assert.equal((await read(store, file.sha1, 0, 0)).length, 0);
    });

    test('the date of the metadata becomes the date of the file, but never one in the future', async (t) => {
      const store = await open(t);
      const [old, future] = [sample(10), sample(11)];
      const before = Date.now();
      await put(store, old, { modified: new Date('2024-01-11T20:39:44Z') });
      await put(store, future, { modified: new Date(before + 86_400_000) });
      assert.equal((await store.stat(old.sha1))?.modified.toISOString(), '2024-01-11T20:39:44.000Z');
      const modified = (await store.stat(future.sha1))?.modified.getTime() ?? NaN;
      assert.ok(modified <= Date.now() && modified >= before - 1000);
    });

    test('any range yields exactly the bytes of the slice, in kept and in lent chunks', async (t) => {
      const store = await open(t);
      const file = sample(600_000);
      await put(store, file);
      const position = fc.nat(file.bytes.length);
      await fc.assert(
        fc.asyncProperty(position, position, fc.boolean(), async (a, b, lend) => {
          const [start, end] = a < b ? [a, b] : [b, a];
          assert.ok((await read(store, file.sha1, start, end, lend)).equals(file.bytes.subarray(start, end)));
        }),
        { numRuns: 40 },
      );
    });

    test('chunks are at most 256 KiB, lent ones 512', async (t) => {
      const store = await open(t);
      const file = sample(1_300_000);
      await put(store, file);
      for (const [lend, bytes] of [
        [false, 256 * 1024],
        [true, 512 * 1024],
      ] as const) {
        for await (const chunk of store.open(file.sha1, 1000, 1_300_000, { lend })) {
          assert.ok(chunk.length <= bytes);
        }
      }
    });

    test('what was read before is read the same again, in any pieces', async (t) => {
      const store = await open(t);
      const file = sample(1_300_000);
      await put(store, file);
      for (const [start, end] of [
        [0, 1_300_000],
        [0, 1_300_000],
        [524_287, 1_048_577],
        [1_048_576, 1_300_000],
        [1_299_999, 1_300_000],
      ] as const) {
        const slice = await read(store, file.sha1, start, end, true);
        assert.ok(slice.equals(file.bytes.subarray(start, end)));
      }
    });

    test('a reader may stop early', async (t) => {
      const store = await open(t);
      const file = sample(1_000_000);
      await put(store, file);
      for await (const chunk of store.open(file.sha1, 0, 1_000_000, { lend: true })) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.deepEqual(await read(store, file.sha1, 5, 10), file.bytes.subarray(5, 10));
    });

    test('concurrent readers do not disturb each other', async (t) => {
      const store = await open(t);
      const file = sample(900_000);
      await put(store, file);
      const starts = Array.from({ length: 20 }, (_, index) => index * 1000);
      const slices = await Promise.all(starts.map((start) => read(store, file.sha1, start, 890_000, true)));
      for (const [index, slice] of slices.entries()) {
        assert.ok(slice.equals(file.bytes.subarray(index * 1000, 890_000)));
      }
    });

    test('a range outside the file is refused', async (t) => {
      const store = await open(t);
      const file = sample(100);
      await put(store, file);
      for (const [start, end] of [
        [0, 101],
        [101, 101],
        [-1, 5],
        [6, 5],
        [NaN, 5],
      ] as const) {
        await assert.rejects(read(store, file.sha1, start, end), { code: 'OAK_CONTENT_RANGE' });
      }
    });

    test('a digest that is not stored is absent for every operation', async (t) => {
      const store = await open(t);
      const { sha1 } = sample(3);
      assert.equal(await store.stat(sha1), undefined);
      await assert.rejects(read(store, sha1, 0, 1), { code: 'OAK_CONTENT_NOT_FOUND' });
      await assert.rejects(store.verify(sha1), { code: 'OAK_CONTENT_NOT_FOUND' });
      await store.remove(sha1);
      assert.deepEqual(await list(store), []);
    });

    test('a digest of another length than SHA-1 is refused by every operation', async (t) => {
      const store = await open(t);
      for (const digest of [
        Buffer.alloc(0),
        Buffer.alloc(19),
        Buffer.alloc(32),
        Buffer.from('../../etc/passwd'),
      ]) {
        const refused = { code: 'OAK_CONTENT_DIGEST_INVALID' };
        await assert.rejects(store.stat(digest), refused);
        await assert.rejects(read(store, digest, 0, 1), refused);
        await assert.rejects(store.verify(digest), refused);
        await assert.rejects(store.remove(digest), refused);
        assert.throws(() => store.writer({ sha1: digest }), refused);
      }
    });

    describe('writing', () => {
      test('nothing is visible before the commit', async (t) => {
        const store = await open(t);
        const file = sample(300_000);
        const writer = store.writer(file);
        await writer.write(file.bytes);
        assert.equal(await store.stat(file.sha1), undefined);
        await assert.rejects(read(store, file.sha1, 0, 1), { code: 'OAK_CONTENT_NOT_FOUND' });
        assert.deepEqual(await list(store), []);
        await writer.commit();
        assert.equal((await store.stat(file.sha1))?.size, 300_000);
      });

      test('a writer abandoned before the commit leaves nothing visible, now or after a restart', async (t) => {
        const folder = await temporaryFolder(t);
        const file = sample(300_000);
        const abandoned = (await factory(folder)).writer(file);
        t.after(() => abandoned.cancel());
        await abandoned.write(file.bytes);
        const store = await factory(folder);
        assert.equal(await store.stat(file.sha1), undefined);
        assert.deepEqual(await list(store), []);
        await put(store, file);
        assert.ok((await read(store, file.sha1, 0, 300_000)).equals(file.bytes));
      });

      test('a cancelled writer leaves nothing visible and can be cancelled again', async (t) => {
        const store = await open(t);
        const file = sample(1000);
        const [begun, untouched] = [store.writer(file), store.writer(file)];
        await begun.write(file.bytes);
        for (const writer of [begun, begun, untouched]) await writer.cancel();
        assert.deepEqual(await list(store), []);
        await assert.rejects(begun.write(file.bytes), { code: 'OAK_INTERNAL' });
        await assert.rejects(begun.commit(), { code: 'OAK_INTERNAL' });
      });

      test('cancelling after the commit changes nothing', async (t) => {
        const store = await open(t);
        const file = sample(1000);
        const writer = store.writer(file);
        await writer.write(file.bytes);
        await writer.commit();
        await writer.cancel();
        assert.equal((await store.stat(file.sha1))?.size, 1000);
      });

      const wrong: readonly [string, (file: Sample) => Buffer, (file: Sample) => Partial<ExpectedContent>][] =
        [
          ['the right length and one wrong bit', (file) => flipped(file.bytes), () => ({})],
          ['one byte too few', (file) => file.bytes.subarray(1), () => ({})],
          ['one byte too many', (file) => Buffer.concat([file.bytes, Buffer.alloc(1)]), () => ({})],
          ['no byte at all', () => Buffer.alloc(0), () => ({})],
          [
            'a wrong bit, where neither size nor SHA-256 is known',
            (file) => flipped(file.bytes),
            () => ({ size: undefined, sha256: undefined }),
          ],
          [
            'the right SHA-1 and another SHA-256',
            (file) => file.bytes,
            (file) => ({ sha256: flipped(file.sha256) }),
          ],
          ['the right SHA-1 and another size', (file) => file.bytes, (file) => ({ size: file.size + 1 })],
        ];
      for (const [what, bytesOf, expectedOf] of wrong) {
        test(`a file with ${what} is refused and leaves nothing visible`, async (t) => {
          const store = await open(t);
          const file = sample(5000);
          const writer = store.writer({ ...file, ...expectedOf(file) });
          await assert.rejects(
            async () => {
              await writer.write(bytesOf(file));
              await writer.commit();
            },
            { code: 'OAK_CONTENT_DIGEST_MISMATCH', message: new RegExp(file.sha1.toString('hex'), 'i') },
          );
          await writer.cancel();
          assert.equal(await store.stat(file.sha1), undefined);
          assert.deepEqual(await list(store), []);
        });
      }

      test('bytes beyond the expected size are refused at once', async (t) => {
        const store = await open(t);
        const file = sample(100);
        const writer = store.writer(file);
        await writer.write(file.bytes);
        await assert.rejects(writer.write(Buffer.alloc(1)), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
        await writer.cancel();
      });

      test('concurrent writers of one digest all succeed, and a broken one among them does no harm', async (t) => {
        const store = await open(t);
        const file = sample(200_000);
        const outcomes = await Promise.allSettled(
          Array.from({ length: 8 }, async (_, index) => {
            const writer = store.writer({ ...file, size: undefined, sha256: undefined });
            const bytes = index === 3 ? flipped(file.bytes) : file.bytes;
            for (let at = 0; at < bytes.length; at += 30_000) {
              await writer.write(bytes.subarray(at, at + 30_000));
            }
            await writer.commit();
          }),
        );
        assert.deepEqual(
          outcomes.map(({ status }) => status).filter((status) => status === 'rejected'),
          ['rejected'],
        );
        assert.ok((await read(store, file.sha1, 0, 200_000)).equals(file.bytes));
        assert.equal((await list(store)).length, 1);
      });

      test('writing a stored file again keeps it readable throughout', async (t) => {
        const store = await open(t);
        const file = sample(600_000);
        await put(store, file);
        const reading = store.open(file.sha1, 0, 600_000)[Symbol.asyncIterator]();
        const first = await reading.next();
        await put(store, file);
        const chunks = first.done === true ? [] : [first.value];
        for (let next = await reading.next(); next.done !== true; next = await reading.next()) {
          chunks.push(next.value);
        }
        assert.ok(Buffer.concat(chunks).equals(file.bytes));
      });
    });

    test('the list names every stored file once, with its size', async (t) => {
      const store = await open(t);
      const files = [sample(1), sample(20), sample(300), sample(4000)];
      for (const file of files) await put(store, file);
      assert.deepEqual(
        await list(store),
        files.map((file) => `${file.sha1.toString('hex')} ${file.size}`).sort(),
      );
    });

    test('a removed file is gone and can be written again', async (t) => {
      const store = await open(t);
      const file = sample(1000);
      await put(store, file);
      for (let times = 0; times < 3; times++) await read(store, file.sha1, 0, 1000, true);
      await store.remove(file.sha1);
      assert.equal(await store.stat(file.sha1), undefined);
      for (const end of [1, 1000]) {
        await assert.rejects(read(store, file.sha1, 0, end, true), { code: 'OAK_CONTENT_NOT_FOUND' });
      }
      await put(store, file);
      assert.deepEqual(await read(store, file.sha1, 0, 1000), file.bytes);
    });

    test('a sound file passes verification and stays', async (t) => {
      const store = await open(t);
      const file = sample(300_000);
      await put(store, file);
      await store.verify(file.sha1);
      await store.verify(file.sha1, file);
      assert.equal((await store.stat(file.sha1))?.size, 300_000);
    });

    for (const member of ['sha256', 'size'] as const) {
      test(`a file whose ${member} is not the expected one is never served again, until it is written anew`, async (t) => {
        const store = await open(t);
        const file = sample(300_000);
        await put(store, file);
        await read(store, file.sha1, 0, 10);
        const expected = member === 'size' ? { size: 299_999 } : { sha256: flipped(file.sha256) };
        await assert.rejects(store.verify(file.sha1, expected), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
        assert.equal(await store.stat(file.sha1), undefined);
        await assert.rejects(read(store, file.sha1, 0, 1), { code: 'OAK_CONTENT_NOT_FOUND' });
        assert.deepEqual(await list(store), []);
        await put(store, file);
        assert.ok((await read(store, file.sha1, 0, 300_000)).equals(file.bytes));
      });
    }
  });
}

interface Sample {
  readonly bytes: Buffer;
  readonly sha1: Buffer;
  readonly sha256: Buffer;
  readonly size: number;
}

/** Bytes without a period, the same for the same size. */
function sample(size: number): Sample {
  const bytes = createHash('shake128', { outputLength: Math.max(size, 1) })
    .update(String(size))
    .digest()
    .subarray(0, size);
  return {
    bytes,
    size,
    sha1: createHash('sha1').update(bytes).digest(),
    sha256: createHash('sha256').update(bytes).digest(),
  };
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
}

async function put(store: ContentStore, file: Sample, more: Partial<ExpectedContent> = {}): Promise<void> {
  const writer = store.writer({ sha1: file.sha1, sha256: file.sha256, size: file.size, ...more });
  for (let at = 0; at < file.size; at += 100_000) await writer.write(file.bytes.subarray(at, at + 100_000));
  await writer.commit();
}

async function read(
  store: ContentStore,
  digest: Buffer,
  start: number,
  end: number,
  lend = false,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(digest, start, end, { lend })) {
    chunks.push(lend ? Uint8Array.from(chunk) : chunk);
  }
  return Buffer.concat(chunks);
}

async function list(store: ContentStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const { digest, size } of store.list()) lines.push(`${digest.toString('hex')} ${size}`);
  return lines.sort();
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oakum-content-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

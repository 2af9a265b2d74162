import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { TempFolder } from '../../test/support/temp-store.ts';
import type { OperationContext } from './operation.ts';
import { removeUpload, resolveUpload, storeUpload, uploadsFolder, withoutUploadsFolder } from './uploads.ts';

type Resolving = Pick<OperationContext, 'principal' | 'house'>;

function resolving(dataFolder: string, kind: 'token' | 'local' = 'token'): Resolving {
  const house = { dataFolder } as OperationContext['house'];
  return { house, principal: { name: 'test', role: 'operator', kind } };
}

test('an upload is kept as it was sent, under a name with the same ending', async () => {
  using folder = new TempFolder();
  const stream = Readable.from([Buffer.from('one '), Buffer.from('two')]);
  const stored = await storeUpload(folder.path, { name: 'export.xml.gz', stream, maxBytes: 7 });
  const context = resolving(folder.path);
  const path = resolveUpload(context, stored.upload);
  assert.equal(readFileSync(path, 'utf8'), 'one two');
  assert.equal(basename(path), 'export.xml.gz');
  assert.equal(stored.bytes, 7);
  assert.equal(stored.sha256, createHash('sha256').update('one two').digest('hex'));
  assert.equal(withoutUploadsFolder(context, `at ${path}: no`), 'at export.xml.gz: no');
  await removeUpload(context, stored.upload);
  assert.throws(() => resolveUpload(context, stored.upload), { code: 'OAK_UPLOAD_UNKNOWN' });
});

test('whatever an upload is called, it stays in its own folder', async () => {
  using folder = new TempFolder();
  const context = resolving(folder.path);
  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('..', '.', '/', '../../x.xml', 'C:\\x.cab', '-rf', '.part', 'CON', 'a\0b.xml', ''),
  );
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const { upload } = await storeUpload(folder.path, { name, stream: Readable.from(['x']), maxBytes: 9 });
      const path = resolveUpload(context, upload);
      assert.equal(dirname(path), join(uploadsFolder(folder.path), upload));
      assert.match(basename(path), /^\w[\w.-]{0,99}$/);
      await removeUpload(context, upload);
    }),
    { numRuns: 100 },
  );
  assert.deepEqual(readdirSync(uploadsFolder(folder.path)), []);
});

test('what is too large, or ends too early, leaves nothing behind', async () => {
  using folder = new TempFolder();
  const send = (stream: Readable): Promise<unknown> =>
    storeUpload(folder.path, { name: 'x', stream, maxBytes: 10 });
  await assert.rejects(send(Readable.from(['12345', '123456'])), { code: 'OAK_BODY_TOO_LARGE' });
  const broken = new Readable({ read: () => undefined });
  broken.push('12');
  setImmediate(() => broken.destroy(new Error('aborted')));
  await assert.rejects(send(broken), { code: 'OAK_BODY_MALFORMED' });
  assert.deepEqual(readdirSync(uploadsFolder(folder.path)), []);
});

test('an upload that would leave too little on the disk is refused, and leaves nothing behind', async () => {
  using folder = new TempFolder();
  const send = (minFreeBytes: number): Promise<unknown> =>
    storeUpload(folder.path, { name: 'x', stream: Readable.from(['x']), maxBytes: 10, minFreeBytes });
  await assert.rejects(send(Number.MAX_SAFE_INTEGER), { code: 'OAK_DISK_FULL' });
  assert.deepEqual(readdirSync(uploadsFolder(folder.path)), []);
  await send(1);
});

test('what keeps an upload from being written is told without where that is', async () => {
  using folder = new TempFolder();
  writeFileSync(uploadsFolder(folder.path), '');
  const sent = storeUpload(folder.path, { name: 'x', stream: Readable.from(['x']), maxBytes: 10 });
  await assert.rejects(sent, { code: 'OAK_FILE_UNWRITABLE', detail: 'ENOTDIR.' });
});

test('uploads that nobody used within a day are deleted with the next one', async () => {
  using folder = new TempFolder();
  const send = (): Promise<{ readonly upload: string }> =>
    storeUpload(folder.path, { name: 'x', stream: Readable.from(['x']), maxBytes: 10 });
  const old = await send();
  const young = await send();
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  const left = join(uploadsFolder(folder.path), 'left.part');
  mkdirSync(left);
  for (const path of [join(uploadsFolder(folder.path), old.upload), left])
    utimesSync(path, yesterday, yesterday);
  await send();
  assert.throws(() => resolveUpload(resolving(folder.path), old.upload), { code: 'OAK_UPLOAD_UNKNOWN' });
  assert.ok(existsSync(resolveUpload(resolving(folder.path), young.upload)) && !existsSync(left));
});

test('paths are names of uploads only for who works on the data folder', async () => {
  using folder = new TempFolder();
  assert.equal(resolveUpload(resolving(folder.path, 'local'), '/x/y.xml'), '/x/y.xml');
  for (const name of ['/etc/hosts', '../oakum.db', '', '.', '0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41'])
    assert.throws(() => resolveUpload(resolving(folder.path), name), { code: 'OAK_UPLOAD_UNKNOWN' });
});

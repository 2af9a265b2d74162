import assert from 'node:assert/strict';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { descriptor } from './file-descriptor.ts';
import { OpenFiles } from './open-files.ts';

async function fileOf(t: TestContext, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oakum-content-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, content);
  return path;
}

async function text(fd: number): Promise<string> {
  const { buffer, bytesRead } = await descriptor.read(fd, Buffer.alloc(10), 0, 10, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

test('concurrent readers share one descriptor, and sequential ones for a while', async (t) => {
  const path = await fileOf(t, 'one');
  const files = new OpenFiles();
  const [a, b] = await Promise.all([files.acquire(path), files.acquire(path)]);
  assert.equal(a.fd, b.fd);
  a.release();
  b.release();
  assert.equal(files.known(path)?.size, 3);
  const c = await files.acquire(path);
  assert.equal(c.fd, a.fd);
  c.release();
  files.retire(path);
});

test('a retired file is opened afresh, while its readers finish with what they have', async (t) => {
  const path = await fileOf(t, 'one');
  const files = new OpenFiles();
  const before = await files.acquire(path);
  await unlink(path);
  await writeFile(path, 'two');
  files.retire(path);
  assert.equal(files.known(path), undefined);
  const after = await files.acquire(path);
  assert.equal(await text(before.fd), 'one');
  assert.equal(await text(after.fd), 'two');
  before.release();
  before.release();
  assert.equal(await text(after.fd), 'two');
  after.release();
  files.retire(path);
});

test('the descriptor is closed with the last reader of a retired file', async (t) => {
  const path = await fileOf(t, 'one');
  const files = new OpenFiles();
  const lease = await files.acquire(path);
  files.retire(path);
  assert.equal(await text(lease.fd), 'one');
  lease.release();
  // Closing was begun by release; the pool runs it before or after this, so ask until it is gone.
  for (let open = true; open;) {
    open = await descriptor.stat(lease.fd).then(
      (it) => it.size === 3,
      () => false,
    );
  }
});

test('a file that cannot be opened rejects every reader and is tried again by the next', async (t) => {
  const path = await fileOf(t, 'one');
  await unlink(path);
  const files = new OpenFiles();
  const outcomes = await Promise.allSettled([files.acquire(path), files.acquire(path)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await writeFile(path, 'two');
  const lease = await files.acquire(path);
  assert.equal(await text(lease.fd), 'two');
  lease.release();
  files.retire(path);
});

test('many files at once do not hold on to many descriptors', async (t) => {
  const path = await fileOf(t, 'one');
  const files = new OpenFiles();
  const names = Array.from({ length: 600 }, (_, index) => `${path}${index}`);
  for (const name of names) {
    await writeFile(name, 'x');
    (await files.acquire(name)).release();
  }
  assert.ok(names.filter((name) => files.known(name) !== undefined).length <= 256);
  for (const name of names) files.retire(name);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ContentStore } from './content-store.ts';
import { openFolderContentStore } from './folder-content-store.ts';

const BYTES = Buffer.from('abc');
const SHA1 = createHash('sha1').update(BYTES).digest();
/** Of "abc" (FIPS 180-4), and so the folder is 9D. */
const NAME = 'A9993E364706816ABA3E25717850C26C9CD0D89D';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oakum-content-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function put(store: ContentStore): Promise<void> {
  const writer = store.writer({ sha1: SHA1, size: 3 });
  await writer.write(BYTES);
  await writer.commit();
}

async function text(store: ContentStore): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(SHA1, 0, 3)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

test('a file lies under its upper-case digest in the folder of its last two digits', async (t) => {
  const root = join(await temporaryFolder(t), 'made', 'on', 'demand');
  await put(await openFolderContentStore(root));
  assert.deepEqual(await readFile(join(root, '9D', NAME)), BYTES);
  assert.deepEqual((await readdir(root)).sort(), ['9D', 'incoming', 'quarantine']);
  assert.deepEqual(await readdir(join(root, 'incoming')), []);
});

test('a store finds what an earlier one stored', async (t) => {
  const root = await temporaryFolder(t);
  await put(await openFolderContentStore(root));
  assert.equal((await (await openFolderContentStore(root)).stat(SHA1))?.size, 3);
});

test('a file with the right length and a flipped bit goes to the quarantine and is kept there', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderContentStore(root);
  await put(store);
  await writeFile(join(root, '9D', NAME), 'abd');
  await assert.rejects(store.verify(SHA1), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
  assert.equal(await store.stat(SHA1), undefined);
  const [kept = '', ...others] = await readdir(join(root, 'quarantine'));
  assert.match(kept, new RegExp(`^${NAME}\\.\\d{8}T\\d{9}Z\\.[0-9a-f-]{36}$`));
  assert.deepEqual(others, []);
  assert.equal(await readFile(join(root, 'quarantine', kept), 'latin1'), 'abd');
  await put(store);
  await store.verify(SHA1);
});

test('a damaged file that is written again is replaced at once, also for those who had it open', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderContentStore(root);
  await put(store);
  await writeFile(join(root, '9D', NAME), 'abd');
  assert.equal(await text(store), 'abd');
  await put(store);
  assert.equal(await text(store), 'abc');
});

test('a refused and a cancelled file leave nothing on the disk', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderContentStore(root);
  const [refused, cancelled] = [store.writer({ sha1: SHA1 }), store.writer({ sha1: SHA1 })];
  for (const writer of [refused, cancelled]) await writer.write(Buffer.from('abd'));
  assert.equal((await readdir(join(root, 'incoming'))).length, 2);
  await assert.rejects(refused.commit(), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
  await cancelled.cancel();
  assert.deepEqual((await readdir(root)).sort(), ['incoming', 'quarantine']);
  assert.deepEqual(await readdir(join(root, 'incoming')), []);
});

test('a file cut short behind the back of a reader ends in an error, not in silence', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderContentStore(root);
  await put(store);
  for await (const chunk of store.open(SHA1, 0, 1)) assert.equal(chunk.length, 1);
  await writeFile(join(root, '9D', NAME), '');
  await assert.rejects(
    async () => {
      for await (const chunk of store.open(SHA1, 0, 3)) assert.fail(`${chunk.length} bytes`);
    },
    { code: 'OAK_CONTENT_STORE' },
  );
});

test('the list passes over what does not lie at its address', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderContentStore(root);
  await put(store);
  await mkdir(join(root, '00'));
  await mkdir(join(root, '9d'));
  for (const stray of ['README', '9D/notes.txt', `00/${NAME}`, `9d/${NAME}`, `quarantine/${NAME}`]) {
    await writeFile(join(root, stray), 'x');
  }
  const listed: string[] = [];
  for await (const { digest, size } of store.list()) listed.push(`${digest.toString('hex')} ${size}`);
  assert.deepEqual(listed, [`${NAME.toLowerCase()} 3`]);
});

test('a root that is no folder is reported with the system error and without its path', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  await assert.rejects(openFolderContentStore(file), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'OAK_CONTENT_STORE');
    assert.match(error.message, /EEXIST|ENOTDIR/);
    assert.ok(!error.message.includes(file));
    return true;
  });
});

test('a start deletes leftovers of dead processes and spares what may be in use', async (t) => {
  const root = await temporaryFolder(t);
  await openFolderContentStore(root);
  const [old, recent] = [join(root, 'incoming', 'old'), join(root, 'incoming', 'recent')];
  await writeFile(old, 'x');
  await writeFile(recent, 'x');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(old, hourAgo, hourAgo);
  await openFolderContentStore(root);
  assert.deepEqual(await readdir(join(root, 'incoming')), ['recent']);
});

test('a process killed before the commit leaves nothing visible', async (t) => {
  const root = await temporaryFolder(t);
  const module = new URL('folder-content-store.ts', import.meta.url).href;
  const script = `
    const { openFolderContentStore } = await import(${JSON.stringify(module)});
    const store = await openFolderContentStore(${JSON.stringify(root)});
    await store.writer({ sha1: Buffer.from('${NAME}', 'hex') }).write(Buffer.from('abc'));
    process.stdout.write('written');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openFolderContentStore(root);
  assert.equal(await store.stat(SHA1), undefined);
  const [leftover = ''] = await readdir(join(root, 'incoming'));
  assert.equal((await stat(join(root, 'incoming', leftover))).size, 3);
  await put(store);
  assert.equal((await store.stat(SHA1))?.size, 3);
});

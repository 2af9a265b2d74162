import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TempFolder } from '../../test/support/temp-store.ts';
import { filesBelow } from './files-below.ts';

function found(...paths: readonly string[]): string[] {
  return [...filesBelow(paths)].map(({ path, error }) => `${path} ${error?.code ?? 'found'}`).sort();
}

test('files are found at any depth, links in folders are not followed', () => {
  using folder = new TempFolder();
  mkdirSync(join(folder.path, 'a', 'b'), { recursive: true });
  for (const name of ['one', 'a/two', 'a/b/three']) writeFileSync(join(folder.path, name), '');
  symlinkSync(folder.path, join(folder.path, 'a', 'circle'));
  assert.deepEqual(
    found(folder.path),
    ['a/b/three', 'a/two', 'one'].map((name) => `${join(folder.path, name)} found`),
  );
});

test('a path that cannot be looked at is reported, and keeps the others not back', () => {
  using folder = new TempFolder();
  const [file, circle, missing] = ['file', 'circle', 'missing'].map((name) => join(folder.path, name));
  writeFileSync(file, '');
  symlinkSync(circle, circle);
  assert.deepEqual(found(circle, missing, file), [
    `${circle} OAK_FILE_UNREADABLE`,
    `${file} found`,
    `${missing} OAK_FILE_UNREADABLE`,
  ]);
});

const isRoot = process.getuid?.() === 0;
test('nor does a folder that may not be read', { skip: isRoot && 'this account may read anything' }, () => {
  using folder = new TempFolder();
  const closed = join(folder.path, 'closed');
  mkdirSync(closed);
  writeFileSync(join(folder.path, 'file'), '');
  chmodSync(closed, 0);
  const report = found(folder.path);
  // Else nobody could remove it.
  chmodSync(closed, 0o700);
  assert.deepEqual(report, [`${closed} OAK_FILE_UNREADABLE`, `${join(folder.path, 'file')} found`]);
});

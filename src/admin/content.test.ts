import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MEMBER_FILES, sampleDocuments, sha1Of } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { addContent } from './content.ts';

const caller = { name: 'test' };
const [payload] = MEMBER_FILES;

async function added(temp: TempStore, path: string): Promise<string> {
  const content = await openFolderContentStore(join(temp.dataFolder, 'content'));
  const { sha1, stored } = await addContent(temp.db, content, caller, path);
  assert.ok(stored && (await content.stat(sha1Of(payload.content))) !== undefined);
  return sha1;
}

test('a file that an update names is stored under its digest', async () => {
  await using temp = await TempStore.open();
  await temp.import(sampleDocuments());
  const path = join(temp.dataFolder, 'any-name');
  writeFileSync(path, payload.content);
  assert.equal(await added(temp, path), sha1Of(payload.content).toString('hex').toUpperCase());
});

describe('adding says in one sentence why it cannot read', () => {
  const isRoot = process.getuid?.() === 0;
  const cases: Readonly<Record<string, readonly [(path: string) => unknown, RegExp, boolean | string]>> = {
    'what is missing': [() => undefined, /ENOENT/, false],
    'a folder': [(path) => mkdirSync(path), /is not a file\.$/, false],
    // Reading one would wait for somebody who writes.
    'a named pipe': [
      (path) => execFileSync('mkfifo', [path]),
      /is not a file\.$/,
      process.platform === 'win32' && 'there are none here',
    ],
    'a file it may not read': [
      (path) => {
        writeFileSync(path, payload.content);
        chmodSync(path, 0);
      },
      /EACCES/,
      isRoot && 'this account may read anything',
    ],
  };
  for (const [name, [prepare, message, skip]] of Object.entries(cases)) {
    test(name, { skip }, async () => {
      await using temp = await TempStore.open();
      const path = join(temp.dataFolder, 'source');
      prepare(path);
      await assert.rejects(added(temp, path), { code: 'OAK_FILE_UNREADABLE', message });
    });
  }
});

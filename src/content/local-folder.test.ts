import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLocalFolder } from './local-folder.ts';

const isLinux = process.platform === 'linux';

test('a folder that is not there, or no medium of this machine, is not called local', async () => {
  assert.equal(await isLocalFolder('/no/such/folder'), false);
  assert.equal(await isLocalFolder(isLinux ? '/proc' : ''), false);
});

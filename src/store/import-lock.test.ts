import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { holdImportLock } from './import-lock.ts';

const MODULE = JSON.stringify(new URL('import-lock.ts', import.meta.url).href);
const HOLD = `const { holdImportLock } = await import(${MODULE}); const lock = holdImportLock(process.argv[1]);`;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'oakum-lock-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('a second import is refused until the first has ended', (t) => {
  const data = folder(t);
  const first = holdImportLock(data);
  assert.equal(
    raised(() => holdImportLock(data)),
    'OAK_IMPORT_BUSY',
  );
  first[Symbol.dispose]();
  holdImportLock(data)[Symbol.dispose]();
});

test('so is one of another process, and a killed one leaves nothing behind', async (t) => {
  const data = folder(t);
  const script = `${HOLD} console.log('held'); setInterval(() => lock, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script, data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  assert.equal(
    raised(() => holdImportLock(data)),
    'OAK_IMPORT_BUSY',
  );
  other.kill('SIGKILL');
  await once(other, 'exit');
  execFileSync(process.execPath, ['--input-type=module', '-e', HOLD, data]);
});

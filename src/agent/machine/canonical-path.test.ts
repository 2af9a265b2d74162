import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalPath, joinPath } from './canonical-path.ts';

test('a path has one spelling however it is written', () => {
  for (const [parts, expected] of [
    [['C:\\Windows\\', '\\system32\\Drivers\\x.sys'], 'c:\\windows\\system32\\drivers\\x.sys'],
    [['C:\\Windows', 'system32//x.sys'], 'c:\\windows\\system32\\x.sys'],
    [['C:\\A\\.\\B', '..\\C.txt'], 'c:\\a\\c.txt'],
    [['C:\\', '..\\..\\x'], 'c:\\x'],
    [['\\\\server\\share', 'x'], '\\\\server\\share\\x'],
    [['', 'x'], 'x'],
  ] as const) {
    assert.equal(canonicalPath(joinPath(...parts)), expected);
  }
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import * as agent from '../../src/agent/index.ts';

test('oakum/agent has everything that the agent makes public', () => {
  const script = `console.log(Object.keys(await import('oakum/agent')).join(' '))`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const names = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.deepEqual(names.trim().split(' ').sort(), Object.keys(agent).sort());
});

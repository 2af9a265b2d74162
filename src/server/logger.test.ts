import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLogger } from './logger.ts';

test('whatever is logged drives no terminal, stays on its line, and can be read back', () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      lines.length = 0;
      log.warn({ computer: name }, name);
      const [line = ''] = lines;
      assert.doesNotMatch(line.slice(0, -1), /\p{Cc}|\p{Cf}|[\u2028\u2029]/u);
      const { computer, msg } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([computer, msg], [name, name]);
    }),
  );
});

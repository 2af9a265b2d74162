import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import { startAdminServer } from './admin-server.ts';
import { resolveSettings } from './resolve-settings.ts';

/** A thread that tells where it is and fails at once. */
const FAILING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage({ ready: { url: 'http://127.0.0.1:1' } });
    setImmediate(() => { throw new Error('it cannot go on'); });
  `)}`,
);

const ENDING = new URL(`data:text/javascript,${encodeURIComponent('process.exit(0)')}`);

const options = (module: URL, write: (line: string) => void) => ({
  ...resolveSettings([]),
  dataFolder: '/nowhere',
  log: pino({ level: 'error' }, { write }),
  isUsualAddress: false,
  module,
});

test('an administration that fails is started again', async () => {
  const lines = new EventTarget();
  const again = once(lines, 'second');
  let starts = 0;
  const server = await startAdminServer(
    options(FAILING, (line) => {
      if (!line.includes('is started again')) return;
      starts += 1;
      if (starts === 2) lines.dispatchEvent(new Event('second'));
    }),
  );
  await again;
  await server?.close();
});

test('one that ends without a word keeps the server from starting', async () => {
  await assert.rejects(startAdminServer(options(ENDING, () => undefined)), { code: 'OAK_INTERNAL' });
});

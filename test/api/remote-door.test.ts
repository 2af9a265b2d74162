import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openRemoteDoor } from '../../src/api/remote-door.ts';
import type { Door } from '../../src/api/door.ts';
import { AdminApp } from '../support/admin-app.ts';

const LONG_BYTES = 16 * 1_048_576;

/** A door to an administration that listens, and a file that is longer than what a connection holds. */
async function doorTo(app: AdminApp): Promise<{ readonly door: Door; readonly file: string }> {
  const url = await app.app.listen({ host: '127.0.0.1', port: 0 });
  const file = join(app.temp.dataFolder, 'long.bin');
  writeFileSync(file, Buffer.alloc(LONG_BYTES));
  return { door: openRemoteDoor({ url, token: app.token('operator') }), file };
}

describe('a file that is sent to a server', () => {
  test('is there under its new name', async () => {
    await using app = await AdminApp.open({ maxUploadBytes: LONG_BYTES });
    const { door, file } = await doorTo(app);
    assert.match(await door.upload(file), /^[0-9a-f-]{36}$/);
  });

  test('is refused with the reason although it was not sent as a whole', async () => {
    for (const [options, code] of [
      [{ maxUploadBytes: 1000 }, 'OAK_BODY_TOO_LARGE'],
      [{ maxUploadBytes: LONG_BYTES, minFreeBytes: 1e18 }, 'OAK_DISK_FULL'],
    ] as const) {
      await using app = await AdminApp.open(options);
      const { door, file } = await doorTo(app);
      await assert.rejects(door.upload(file), { code });
    }
  });

  test('is one file and no folder', async () => {
    await using app = await AdminApp.open();
    const { door } = await doorTo(app);
    await assert.rejects(door.upload(app.temp.dataFolder), { code: 'OAK_FILE_UNREADABLE' });
  });

  test('cannot be sent where nobody listens', async () => {
    await using app = await AdminApp.open();
    const { door, file } = await doorTo(app);
    await app.app.close();
    await assert.rejects(door.upload(file), {
      code: 'OAK_REMOTE_UNREACHABLE',
      message: /refuses connections/,
    });
  });

  test('is not sent in plain text to where TLS was asked for', async () => {
    await using app = await AdminApp.open();
    const url = await app.app.listen({ host: '127.0.0.1', port: 0 });
    const door = openRemoteDoor({ url: url.replace('http:', 'https:'), token: app.token('operator') });
    await assert.rejects(door.upload(join(app.temp.dataFolder, 'oakum.db')), {
      code: 'OAK_REMOTE_UNREACHABLE',
      // Whichever comes first: its answer, or that it hangs up on what is no HTTP.
      message: /does not speak TLS|closed the connection/,
    });
  });
});

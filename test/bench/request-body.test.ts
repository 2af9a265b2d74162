import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { requestBody, RequestTemplate } from '../../bench/fleet/request-body.ts';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import { dateTimeFromMs } from '../../src/soap/simple-type.ts';

test('a prepared request is the one that would be encoded with the cookie', () => {
  const write = (cookie: Parameters<RequestTemplate['with']>[0]): Buffer =>
    requestBody(clientService, SyncUpdates, {
      cookie,
      parameters: { ExpressQuery: false, SkipSoftwareSync: false, OtherCachedUpdateIDs: [1, 2, 3] },
    });
  const cookie = { Expiration: dateTimeFromMs(1_800_000_000_000), EncryptedData: Buffer.from('sealed') };
  assert.equal(new RequestTemplate(write).with(cookie).toString(), write(cookie).toString());
});

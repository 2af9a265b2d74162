import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { downloadFile } from '../../src/agent/transfer/download.ts';
import { fixture, skipWithoutFixtures } from '../support/fixtures.ts';
import { RecordingServer, type RecordedRequest } from '../support/recording-server.ts';

type Request = Pick<RecordedRequest, 'path' | 'fields'>;

describe('a download by Delivery Optimization', { skip: skipWithoutFixtures }, () => {
  const headersOf = (name: string): Request => {
    const text = readFileSync(fixture(`native/content/${name}/request.headers`), 'utf8');
    const [requestLine, ...lines] = text.trimEnd().split(/\r?\n/);
    const fields = lines.map((line) => [
      line.slice(0, line.indexOf(': ')),
      line.slice(line.indexOf(': ') + 2),
    ]) as [string, string][];
    return { path: requestLine.split(' ')[1], fields };
  };

  /** The vector tells which of the agent's transfers it is; only its shape is the same. */
  const shape = ({ path, fields }: Request, range?: string): Request => ({
    path,
    fields: fields.map(([name, value]) => {
      if (name === 'MS-CV') {
        assert.match(value, /^[A-Za-z0-9+/]{16}\.2\.0\.0\.\d+\.1\.1\.3\.1\.1\.\d+$/);
        return [name, ''];
      }
      if (name === 'Host') return [name, ''];
      return [name, name === 'Range' && range !== undefined ? range : value];
    }),
  });

  async function requestsFor(path: string, size: number): Promise<readonly RecordedRequest[]> {
    const content = Buffer.alloc(size, 0x0a);
    await using server = await RecordingServer.start(({ fields }) => {
      const range = fields.find(([name]) => name === 'Range')?.[1] ?? '';
      const [start, end] = range.replace('bytes=', '').split('-').map(Number);
      const headers = { 'Content-Range': `bytes ${start}-${end}/${size}` };
      return { status: 206, headers, body: content.subarray(start, end + 1) };
    });
    const digest = (algorithm: string): string => createHash(algorithm).update(content).digest('base64');
    const file = { digest: digest('sha1'), sha256: digest('sha256'), name: 'file.exe', size };
    await downloadFile(`${server.url}${path}`, file, {
      downloader: 'delivery-optimization',
      userAgent: profile('windows-11-25h2').downloaderUserAgent,
      connections: 3,
      correlation: 'AAAAAAAAAAAAAAAA',
      timeoutMs: 10_000,
      random: () => 0.5,
    });
    return server.requests;
  }

  test('asks for a file below one MiB in one range', async () => {
    const expected = headersOf('whole-file-single-range');
    const requests = await requestsFor(expected.path, 918_944);
    assert.equal(requests.length, 1);
    assert.equal(requests[0].method, 'GET');
    assert.deepEqual(shape(requests[0]), shape(expected));
  });

  test('asks for a larger file in pieces of one MiB', async () => {
    const size = 2 * 1_048_576 + 1000;
    const first = headersOf('first-range-by-offset');
    const requests = await requestsFor(first.path, size);
    const byStart = requests.toSorted((one, other) => startOf(one) - startOf(other));
    assert.deepEqual(shape(byStart[0]), shape(first));
    const middle = headersOf('middle-range');
    assert.deepEqual(shape(byStart[1]), shape(middle, 'bytes=1048576-2097151'));
    assert.equal(startOf(middle) % 1_048_576, 0);
    assert.deepEqual(shape(byStart[2]), shape(headersOf('final-range'), `bytes=2097152-${size - 1}`));
    assert.equal(startOf(headersOf('final-range')) % 1_048_576, 0);
  });

  const startOf = ({ fields }: Request): number =>
    Number(/^bytes=(\d+)-/.exec(fields.find(([name]) => name === 'Range')?.[1] ?? '')?.[1]);
});

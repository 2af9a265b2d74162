import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { raised } from '../../../test/support/error-code.ts';
import { TempFolder } from '../../../test/support/temp-store.ts';
import { canonicalJson } from '../../store/audit.ts';
import { readManifest, writeManifest, type BackupManifest } from './backup-manifest.ts';

const MANIFEST: BackupManifest = {
  format: 1,
  oakumVersion: '0.1.0',
  timeMs: 1_795_000_000_000,
  store: {
    identity: '0a4b0000-0000-4000-8000-000000000001',
    schema: '0006-upkeep',
    catalogChange: 7,
    deploymentId: 8,
    highestRevisionId: 9,
    lastAuditNumber: 10,
    lastAuditHash: 'c'.repeat(64),
  },
  files: [
    { path: 'oakum.db', bytes: 4096, sha256: 'a'.repeat(64) },
    { path: 'tls/server.pem', bytes: 10, sha256: 'b'.repeat(64) },
  ],
  content: [{ sha1: 'A'.repeat(40), bytes: 5 }],
};

/** How a manifest is read that somebody wrote, with a digest that is right. */
function readForged(manifest: object): string {
  using folder = new TempFolder();
  const digest = createHash('sha256').update(canonicalJson(manifest)).digest('hex');
  writeFileSync(join(folder.path, 'manifest.json'), JSON.stringify({ ...manifest, digest }));
  return raised(() => readManifest(folder.path));
}

const withPath = (path: unknown): object => ({
  ...MANIFEST,
  files: [MANIFEST.files[0], { ...MANIFEST.files[1], path }],
});

describe('a manifest', () => {
  test('is read as it was written', () => {
    using folder = new TempFolder();
    writeManifest(folder.path, MANIFEST);
    assert.deepEqual(readManifest(folder.path), MANIFEST);
    writeManifest(folder.path, { ...MANIFEST, content: null });
    assert.equal(readManifest(folder.path).content, null);
  });

  test('of which anything was changed is refused', () => {
    using folder = new TempFolder();
    writeManifest(folder.path, MANIFEST);
    const path = join(folder.path, 'manifest.json');
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length - 1; at++) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      writeFileSync(path, changed);
      // Blanks between names say nothing; all else is read or covered by the digest.
      const code = raised(() => readManifest(folder.path));
      assert.equal(code, 'OAK_BACKUP_DAMAGED', `byte ${at}`);
    }
  });

  test('never leads out of the folder, nor to what no backup holds', () => {
    assert.equal(readForged(MANIFEST), 'nothing');
    for (const path of [
      ...['../keys.json', 'tls/../../keys.json', '..', '.', 'tls/..', '/etc/passwd', 'tls//a', 'tls/', ''],
      ...['C:\\keys', 'tls\\..\\..\\keys', 'keys.json:stream', 'a\u0000b', 'x'.repeat(300), 7, null],
      ...['content/AA/file', 'oakum.db-wal', 'store.lock', 'restore-plan.json', 'manifest.json', 'oakum.db'],
    ]) {
      assert.equal(readForged(withPath(path)), 'OAK_BACKUP_DAMAGED', String(path));
    }
    assert.equal(readForged({ ...MANIFEST, files: MANIFEST.files.slice(1) }), 'OAK_BACKUP_DAMAGED');
  });

  test('of a later format names the version that can read it', () => {
    assert.equal(readForged({ ...MANIFEST, format: 2, oakumVersion: '9.0.0' }), 'OAK_BACKUP_VERSION');
  });

  test('that is anything else is refused in one sentence', () => {
    using folder = new TempFolder();
    const path = join(folder.path, 'manifest.json');
    assert.equal(
      raised(() => readManifest(folder.path)),
      'OAK_BACKUP_MISSING',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        writeFileSync(path, text);
        assert.equal(
          raised(() => readManifest(folder.path)),
          'OAK_BACKUP_DAMAGED',
        );
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(
        fc.record({ format: fc.constant(1), files: fc.jsonValue(), store: fc.jsonValue() }),
        (one) => {
          assert.equal(readForged(one), 'OAK_BACKUP_DAMAGED');
        },
      ),
      { numRuns: 50 },
    );
  });
});

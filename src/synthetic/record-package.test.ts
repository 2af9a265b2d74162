import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { TempFolder } from '../../test/support/temp-store.ts';
import { importFiles, readSourceDocuments } from '../import/source-document.ts';
import { writeRecordPackage } from './record-package.ts';
import { syntheticDocuments } from './synthetic-catalogue.ts';

const OPTIONS = { revisions: 1000, seed: 9, tail: 'none' } as const;

test('a written package is found in its folder and read back byte for byte', async () => {
  using folder = new TempFolder();
  await writeRecordPackage(join(folder.path, 'synthetic.xml.gz'), syntheticDocuments(OPTIONS));
  const expected = syntheticDocuments(OPTIONS);
  let read = 0;
  for await (const { bytes, error } of readSourceDocuments(importFiles([folder.path]))) {
    assert.equal(error, undefined);
    assert.ok(expected.next().value?.bytes.equals(bytes!));
    read++;
  }
  assert.equal(read, OPTIONS.revisions);
});

test('a package that cannot be written is refused with a reason', async () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'missing', 'synthetic.xml.gz');
  const written = writeRecordPackage(path, syntheticDocuments(OPTIONS));
  await assert.rejects(written, { code: 'OAK_FILE_UNWRITABLE' });
});

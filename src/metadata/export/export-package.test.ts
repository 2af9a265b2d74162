import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { buildCabinet, lzx, mszip, type BuiltFile } from '../../../test/support/cabinet-builder.ts';
import { escaped, packageXml, recordsOf, sampleUpdate } from '../../../test/support/export-text.ts';
import { fixture, skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { readExportPackage, type ExportedUpdate, type ExportPackageOptions } from './export-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'oakum-export-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string, options?: ExportPackageOptions): Promise<ExportedUpdate[]> {
  const updates: ExportedUpdate[] = [];
  for await (const update of readExportPackage(path, options)) updates.push(update);
  return updates;
}

const samples = Array.from({ length: 200 }, (_, index) => sampleUpdate(index));
const member = (name: string, text: string): BuiltFile => ({ name, data: Buffer.from(text) });
const utf16 = (name: string, text: string): BuiltFile => ({
  name,
  data: Buffer.from(`\uFEFF${text}`, 'utf16le'),
});
const xml = member('package.xml', packageXml(samples));
const metadata = member('metadata.txt', recordsOf(samples));
const packing = lzx({ windowBits: 21 });

function assertSamples(updates: readonly ExportedUpdate[]): void {
  assert.deepEqual(
    updates.map(({ updateId, revisionNumber, document }) => ({
      updateId,
      revisionNumber,
      document: document.toString(),
    })),
    samples,
  );
}

const code = (expected: string): { readonly code: string } => ({ code: expected });

describe('an export package in a cabinet', () => {
  const path = write(buildCabinet([{ packing, files: [xml, metadata] }], { headerReserve: 6_144 }));

  it('gives its updates in order', async () => {
    assertSamples(await read(path));
  });

  it('gives them again when it is iterated again', async () => {
    const exported = readExportPackage(path);
    for (let round = 0; round < 2; round++) {
      const found: ExportedUpdate[] = [];
      for await (const update of exported) found.push(update);
      assertSamples(found);
    }
  });

  it('may be left in the middle', async () => {
    for await (const { updateId } of readExportPackage(path)) {
      assert.equal(updateId, samples[0].updateId);
      break;
    }
  });

  it('says how much of it has been read', async () => {
    const progress = (await read(path)).map((update) => update.progress);
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
    assert.ok(progress[0] > 0 && progress[0] < 1);
    assert.equal(progress.at(-1), 1);
  });

  it('has a header', async () => {
    const header = await readExportPackage(path).header();
    assert.equal(header?.serverId, 'a86cecaa-02ab-44a1-a09d-cac309aa7a3e');
    assert.equal(header?.updateCount, 200);
  });

  it('may have its members in the other order, in folders of their own, and in UTF-16', async () => {
    const other = write(
      buildCabinet([
        { packing: mszip, files: [utf16('METADATA.TXT', recordsOf(samples))] },
        { packing, files: [utf16('package.xml', packageXml(samples))] },
      ]),
    );
    assertSamples(await read(other));
    assert.equal((await readExportPackage(other).header())?.updateCount, 200);
  });

  it('is empty where metadata.txt is and package.xml lists nothing', async () => {
    const none = [member('package.xml', packageXml([]))];
    assert.deepEqual(await read(write(buildCabinet([{ packing: mszip, files: none }]))), []);
  });

  it('is refused where it lacks its members', async () => {
    const other = write(buildCabinet([{ packing: mszip, files: [member('other', 'text')] }]));
    await assert.rejects(read(other), code('OAK_EXPORT_INVALID'));
    await assert.rejects(readExportPackage(other).header(), code('OAK_EXPORT_INVALID'));
  });

  it('is refused where metadata.txt is empty and updates are listed', async () => {
    const empty = [xml, member('metadata.txt', '\r\n')];
    await assert.rejects(
      read(write(buildCabinet([{ packing: mszip, files: empty }]))),
      code('OAK_EXPORT_INVALID'),
    );
  });

  it('is refused where the cabinet is damaged, after the updates before that', async () => {
    const bytes = buildCabinet([{ packing: mszip, files: [xml, metadata] }]);
    bytes[bytes.length - 100] ^= 1;
    let count = 0;
    await assert.rejects(async () => {
      for await (const { document } of readExportPackage(write(bytes))) count += Math.sign(document.length);
    }, code('OAK_CABINET_INVALID'));
    assert.ok(count > 0 && count < 200);
  });

  it('is held to a number of unpacked bytes', async () => {
    await assert.rejects(read(path, { maxUnpackedBytes: 1_000 }), code('OAK_CABINET_LIMIT'));
  });
});

describe('an export package in a gzip file', () => {
  const interleaved = write(gzipSync(packageXml(samples, escaped)));

  it('gives its updates where documents stand in the XML', async () => {
    assertSamples(await read(interleaved));
    const elements = packageXml(samples, (document) => `<Xml>${document}</Xml>`);
    assertSamples(await read(write(gzipSync(elements))));
  });

  it('gives its updates where records follow the XML, or stand alone', async () => {
    const both = `\uFEFF${packageXml(samples)}${recordsOf(samples)}`;
    assertSamples(await read(write(gzipSync(both))));
    assertSamples(await read(write(gzipSync(Buffer.from(both, 'utf16le')))));
    assertSamples(await read(write(gzipSync(recordsOf(samples)))));
  });

  it('has a header, with a number of updates where it comes before the documents', async () => {
    assert.equal((await readExportPackage(interleaved).header())?.updateCount, undefined);
    assert.equal((await readExportPackage(interleaved).header())?.protocolVersion, '1.20');
    const both = write(gzipSync(packageXml(samples) + recordsOf(samples)));
    assert.equal((await readExportPackage(both).header())?.updateCount, 200);
    assert.equal(await readExportPackage(write(gzipSync(recordsOf(samples)))).header(), undefined);
  });

  it('may be left in the middle', async () => {
    for await (const { updateId } of readExportPackage(interleaved)) {
      assert.equal(updateId, samples[0].updateId);
      break;
    }
  });

  it('is refused where no document is found in it', async () => {
    for (const text of [packageXml(samples), '<Other/>', '', '  ']) {
      await assert.rejects(read(write(gzipSync(text))), code('OAK_EXPORT_INVALID'));
    }
    assert.deepEqual(await read(write(gzipSync(packageXml([])))), []);
  });

  it('is refused where the gzip data is damaged or cut off', async () => {
    const bytes = gzipSync(recordsOf(samples));
    await assert.rejects(read(write(bytes.subarray(0, -20))), code('OAK_EXPORT_INVALID'));
    const damaged = Buffer.from(bytes);
    damaged[bytes.length - 5] ^= 1;
    await assert.rejects(read(write(damaged)), code('OAK_EXPORT_INVALID'));
  });

  it('is refused in big-endian and in broken UTF-16', async () => {
    const swapped = Buffer.from(`\uFEFF${recordsOf(samples)}`, 'utf16le').swap16();
    await assert.rejects(read(write(gzipSync(swapped))), code('OAK_EXPORT_INVALID'));
    const broken = Buffer.from(`\uFEFF<a>\uD800</a>`, 'utf16le');
    await assert.rejects(read(write(gzipSync(broken))), code('OAK_EXPORT_INVALID'));
    await assert.rejects(read(write(gzipSync(broken.subarray(0, 3)))), code('OAK_EXPORT_INVALID'));
  });

  it('is held to a number of unpacked bytes', async () => {
    const bomb = write(gzipSync(Buffer.alloc(2_000_000, ' ')));
    await assert.rejects(read(bomb, { maxUnpackedBytes: 1_000_000 }), code('OAK_EXPORT_LIMIT'));
  });

  it('is held to the largest document', async () => {
    await assert.rejects(read(interleaved, { maxDocumentBytes: 100 }), code('OAK_EXPORT_LIMIT'));
  });
});

describe('any other file', () => {
  it('is refused', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.from('<ExportPackage/>')]) {
      await assert.rejects(read(write(bytes)), code('OAK_EXPORT_INVALID'));
    }
  });

  it('is reported when it does not exist', async () => {
    await assert.rejects(read(join(folder, 'none')), code('OAK_FILE_UNREADABLE'));
    await assert.rejects(readExportPackage(folder).header(), code('OAK_FILE_UNREADABLE'));
  });
});

describe('a real export of WSUS', { skip: skipWithoutFixtures }, () => {
  const path = 'wsus-export/WSUS-2024-06-19.cab';

  it('says what it holds', async () => {
    const header = await readExportPackage(fixture(path)).header();
    assert.deepEqual(
      { ...header, languages: header?.languages.length },
      {
        serverId: 'a86cecaa-02ab-44a1-a09d-cac309aa7a3e',
        creationTime: '2024-06-19T17:11:14Z',
        formatVersion: '1.0',
        protocolVersion: '1.20',
        languages: 39,
        updateCount: 4_125,
      },
    );
  });

  it('gives 4,125 well-formed documents that identify themselves as their records do', async () => {
    const revisions = new Set<string>();
    for await (const { updateId, revisionNumber, document } of readExportPackage(fixture(path))) {
      const identity: string[] = [];
      const parser = new SaxesParser();
      parser.on('opentag', ({ name, attributes }) => {
        if (name === 'upd:UpdateIdentity' && identity.length === 0) {
          identity.push(attributes.UpdateID, attributes.RevisionNumber);
        }
      });
      parser.write(document.toString()).close();
      assert.deepEqual([identity[0].toLowerCase(), Number(identity[1])], [updateId, revisionNumber]);
      revisions.add(`${updateId} ${revisionNumber}`);
    }
    assert.equal(revisions.size, 4_125);
  });
});

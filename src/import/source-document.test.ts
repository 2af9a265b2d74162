import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildCabinet, lzx, mszip, stored, type Packing } from '../../test/support/cabinet-builder.ts';
import { raised } from '../../test/support/error-code.ts';
import { escaped, packageXml, recordsOf, type SampleUpdate } from '../../test/support/export-text.ts';
import { ownDocument } from '../../test/support/own-documents.ts';
import { TempFolder } from '../../test/support/temp-store.ts';
import { parseUpdateDocument } from '../metadata/update-document.ts';
import { importFiles, readSourceDocuments, type SourceDocument } from './source-document.ts';

const folder = new TempFolder();
after(() => folder[Symbol.dispose]());

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(...files: readonly string[]): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  for await (const document of readSourceDocuments(files)) documents.push(document);
  return documents;
}

/** The bytes of each document, or the code of its error. */
const outcomes = (documents: readonly SourceDocument[]): string[] =>
  documents.map(({ bytes, error }) => bytes?.toString() ?? error?.code ?? 'neither');

const bare = (name: string): Buffer => Buffer.from(ownDocument(name).toString().trimEnd());
const company = bare('company');
const classification = bare('classification');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

const samples: readonly SampleUpdate[] = ['company', 'product', 'bundle'].map((name) => {
  const document = bare(name).toString();
  const { updateId, revisionNumber } = parseUpdateDocument(Buffer.from(document));
  return { updateId, revisionNumber, document };
});

describe('a single document', () => {
  it('is read as it is, but for the white space at its end', async () => {
    for (const end of ['', '\n', ' \r\n\t\n']) {
      const path = write('company.xml', company.toString() + end);
      assert.deepEqual(await read(path), [{ name: path, bytes: company, progress: 1 }]);
    }
    assert.deepEqual(outcomes(await read(write('blank.xml', ' \n'))), ['']);
  });

  it('may begin with a byte order mark, which is no part of it', async () => {
    assert.deepEqual(outcomes(await read(write('mark.XML', `\uFEFF${company.toString()}`))), [
      company.toString(),
    ]);
    // Looks like a mark at its first byte only.
    const other = `\uF8FF${company.toString()}`;
    assert.deepEqual(outcomes(await read(write('other.xml', other))), [other]);
  });

  it('may be in UTF-16, with or without a mark, and whatever it says of that', async () => {
    const text = classification.toString();
    for (const start of [
      '',
      '\uFEFF',
      '\uFEFF<?xml version="1.0" encoding="utf-16"?>',
      '<?xml version="1.0"?>',
    ]) {
      const [{ bytes }] = await read(write('wide.xml', utf16(start + text)));
      assert.deepEqual(bytes, classification, start);
      assert.equal(parseUpdateDocument(bytes).texts[1].title, '校正');
    }
  });

  it('is refused where it is broken UTF-16', async () => {
    for (const bytes of [utf16('<a>\uD800</a>'), Buffer.concat([utf16('<a/>'), Buffer.from('x')])]) {
      assert.deepEqual(outcomes(await read(write('broken.xml', bytes))), ['OAK_XML_ENCODING']);
    }
  });

  it('is refused, and not even read, where it is too large', async () => {
    const path = write('huge.xml', '<a/>');
    truncateSync(path, 128 * 1024 * 1024 + 1);
    const [{ error }] = await read(path);
    assert.equal(error?.code, 'OAK_DOCUMENT_INVALID');
    assert.match(error.message, /has 134217729 bytes; at most 134217728/);
  });

  it('that is gone meanwhile is reported, and the rest goes on', async () => {
    const gone = write('gone.xml', company);
    const files = importFiles([gone, write('company.xml', company)]);
    rmSync(gone);
    const [first, second] = await read(...files);
    assert.equal(first.error?.code, 'OAK_FILE_UNREADABLE');
    assert.match(first.error.message, /ENOENT/);
    assert.deepEqual([first.name, first.progress], [gone, 0.5]);
    assert.deepEqual(second.bytes, company);
  });
});

describe('a cabinet as servers send it', () => {
  const packings: Readonly<Record<string, Packing>> = { stored, mszip, lzx: lzx({ windowBits: 21 }) };
  for (const [name, packing] of Object.entries(packings)) {
    it(`holds one document as its blob: ${name}`, async () => {
      const data = utf16(bare('bundle').toString());
      const cabinet = buildCabinet([{ packing, files: [{ name: 'blob', data }] }]);
      const documents = await read(write(`${name}.cab`, cabinet));
      assert.deepEqual(outcomes(documents), [bare('bundle').toString()]);
      assert.equal(documents[0].progress, 1);
    });
  }

  it('may hold UTF-8', async () => {
    const cabinet = buildCabinet([{ packing: mszip, files: [{ name: 'blob', data: company }] }]);
    assert.deepEqual(outcomes(await read(write('narrow.cab', cabinet))), [company.toString()]);
  });

  it('is reported where it is damaged, none at all or holds nothing known', async () => {
    const data = Buffer.from(company.toString().repeat(3));
    const cabinet = buildCabinet([{ packing: mszip, files: [{ name: 'blob', data }] }]);
    cabinet[cabinet.length - 20] ^= 1;
    const other = buildCabinet([{ packing: mszip, files: [{ name: 'readme.txt', data }] }]);
    assert.deepEqual(
      outcomes(
        await read(
          write('damaged.cab', cabinet),
          write('none.cab', 'MSCF but not really'),
          write('empty.cab', ''),
          write('other.cab', other),
        ),
      ),
      ['OAK_CABINET_INVALID', 'OAK_CABINET_INVALID', 'OAK_CABINET_INVALID', 'OAK_EXPORT_INVALID'],
    );
  });
});

describe('an export package', () => {
  const records = recordsOf(samples);
  const cabinetOf = (text: string): Buffer =>
    buildCabinet([
      {
        packing: lzx({ windowBits: 21 }),
        files: [
          { name: 'package.xml', data: Buffer.from(packageXml(samples)) },
          { name: 'metadata.txt', data: Buffer.from(text) },
        ],
      },
    ]);

  it('in a cabinet gives its documents, named by what they are', async () => {
    const documents = await read(write('export.cab', cabinetOf(records)));
    assert.deepEqual(
      outcomes(documents),
      samples.map((sample) => sample.document),
    );
    assert.equal(documents[0].name, 'export.cab: 38eb80ad-416e-496e-aea0-c03b337356ef revision 100');
    assert.equal(documents.at(-1)?.progress, 1);
  });

  it('in gzip gives its documents', async () => {
    let next = 0;
    const text = packageXml(samples, () => escaped(samples[next++].document));
    assert.deepEqual(
      outcomes(await read(write('export.xml.gz', gzipSync(text)))),
      samples.map((sample) => sample.document),
    );
  });

  it('that is damaged gives what stands before the damage, and a reason', async () => {
    const path = write('cut.cab', cabinetOf(`${recordsOf(samples.slice(0, 2))}damaged`));
    const documents = await read(path, write('company.xml', company));
    assert.deepEqual(outcomes(documents), [
      samples[0].document,
      samples[1].document,
      'OAK_EXPORT_INVALID',
      company.toString(),
    ]);
    assert.equal(documents[2].name, path);
  });

  it('is what a file with any other name is taken for', async () => {
    assert.deepEqual(outcomes(await read(write('notes.txt', 'hello'))), ['OAK_EXPORT_INVALID']);
    assert.equal((await read(write('export.bin', cabinetOf(records)))).length, samples.length);
  });
});

describe('the files of an import', () => {
  it('are those of a folder and its folders by their extensions, in one order', () => {
    using tree = new TempFolder();
    mkdirSync(join(tree.path, 'b', 'c'), { recursive: true });
    mkdirSync(join(tree.path, 'folder.xml'));
    const names = ['z.xml', 'a.XML', 'b/1.cab', 'b/c/2.xml.gz', 'folder.xml/inside.xml'];
    for (const name of [...names, 'notes.txt', 'b/program.exe', 'b/x.gz', 'xml']) {
      writeFileSync(join(tree.path, name), '');
    }
    const expected = names.map((name) => join(tree.path, name)).sort();
    assert.deepEqual(importFiles([tree.path]), expected);
    const file = join(tree.path, 'notes.txt');
    assert.deepEqual(importFiles([file, tree.path]), [file, ...expected]);
    assert.deepEqual(importFiles([join(tree.path, 'b', 'c'), file]), [
      join(tree.path, 'b', 'c', '2.xml.gz'),
      file,
    ]);
  });

  it('must exist', () => {
    using tree = new TempFolder();
    assert.equal(
      raised(() => importFiles([tree.path, join(tree.path, 'none')])),
      'OAK_IMPORT_PATH',
    );
    symlinkSync(join(tree.path, 'loop'), join(tree.path, 'loop'));
    assert.equal(
      raised(() => importFiles([join(tree.path, 'loop')])),
      'OAK_IMPORT_PATH',
    );
    assert.deepEqual(importFiles([tree.path]), []);
  });

  it('say how far the import is', async () => {
    const paths = ['1.xml', '2.xml', '3.xml', '4.xml'].map((name) => write(name, company));
    assert.deepEqual(
      (await read(...paths)).map((document) => document.progress),
      [0.25, 0.5, 0.75, 1],
    );
    assert.deepEqual(await read(), []);
  });
});

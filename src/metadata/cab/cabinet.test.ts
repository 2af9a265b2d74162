import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildCabinet, lzx, mszip, stored, type Packing } from '../../../test/support/cabinet-builder.ts';
import { fixture, skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { sourceFromBytes, sourceFromFile, type CabinetSource } from './cabinet-source.ts';
import { openCabinet, type Cabinet } from './cabinet.ts';

const open = (bytes: Uint8Array): Cabinet => openCabinet(sourceFromBytes(bytes));
const code = (expected: string): { readonly code: string } => ({ code: expected });

/** Text with repetitions, which every method can compress, longer than two blocks. */
const TEXT = Buffer.from(
  Array.from({ length: 4_000 }, (_, line) => `line ${line} of ${line * line} lines\n`).join(''),
);

const METHODS: Readonly<Record<string, Packing>> = {
  stored,
  MSZIP: mszip,
  'LZX:15': lzx({ windowBits: 15 }),
  'LZX:21': lzx({ windowBits: 21 }),
};

for (const [name, packing] of Object.entries(METHODS)) {
  describe(`a cabinet packed with ${name}`, () => {
    const files = [
      { name: 'first.txt', data: TEXT },
      { name: 'empty', data: Buffer.alloc(0) },
      { name: 'dir\\second.bin', data: TEXT.subarray(17, 90_000) },
    ];
    const bytes = buildCabinet([{ packing, files }]);

    it('gives back every file', () => {
      const cabinet = open(bytes);
      assert.deepEqual(
        cabinet.entries.map((entry) => entry.name),
        ['first.txt', 'empty', 'dir\\second.bin'],
      );
      for (const [index, file] of files.entries()) {
        assert.deepEqual(cabinet.readWhole(cabinet.entries[index], 1e6), Buffer.from(file.data));
      }
    });

    it('can be read in any order, and again after a read was given up', () => {
      const cabinet = open(bytes);
      const [first, , last] = cabinet.entries;
      assert.deepEqual(cabinet.readWhole(last, 1e6), Buffer.from(files[2].data));
      cabinet.read(first).next();
      assert.deepEqual(cabinet.readWhole(first, 1e6), TEXT);
      assert.deepEqual(cabinet.readWhole(last, 1e6), Buffer.from(files[2].data));
    });

    it('comes in pieces of at most 32 KiB', () => {
      const cabinet = open(bytes);
      for (const chunk of cabinet.read(cabinet.entries[0])) assert.ok(chunk.length <= 32_768);
    });

    it('is found damaged by its checksums', () => {
      const damaged = Buffer.from(bytes);
      damaged[damaged.length - 40] ^= 0x10;
      const cabinet = open(damaged);
      assert.throws(() => cabinet.readWhole(cabinet.entries[2], 1e6), code('OAK_CABINET_INVALID'));
    });

    it('is refused when it is cut off anywhere', () => {
      for (const length of [0, 3, 35, 40, 60, 100, bytes.length - 1]) {
        assert.throws(() => open(bytes.subarray(0, length)), code('OAK_CABINET_INVALID'));
      }
    });
  });
}

describe('a cabinet', () => {
  const small = [{ packing: stored, files: [{ name: 'a', data: Buffer.from('abc') }] }];

  it('says name, size, date, folder and offset of each file', () => {
    const cabinet = open(
      buildCabinet([
        { packing: mszip, files: [{ name: 'one', data: TEXT }] },
        {
          packing: stored,
          files: [
            { name: 'A', data: Buffer.from('x') },
            { name: 'B', data: Buffer.from('yz') },
          ],
        },
      ]),
    );
    const modified = '2024-06-19T10:11:20';
    assert.deepEqual(cabinet.entries, [
      { name: 'one', size: TEXT.length, modified, folder: 0, offset: 0 },
      { name: 'A', size: 1, modified, folder: 1, offset: 0 },
      { name: 'B', size: 2, modified, folder: 1, offset: 1 },
    ]);
    assert.equal(cabinet.readWhole(cabinet.entries[2], 9).toString(), 'yz');
  });

  it('has no date where the stored one does not exist', () => {
    const bytes = buildCabinet(small);
    bytes.writeUInt16LE(0, 36 + 8 + 10);
    assert.equal(open(bytes).entries[0].modified, undefined);
  });

  it('has names in UTF-8 where they are marked so, in Latin-1 where not', () => {
    const files = [
      { name: 'größe', data: TEXT, utf: true },
      { name: 'größe', data: TEXT },
    ];
    const { entries } = open(buildCabinet([{ packing: stored, files }]));
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['größe', 'größe'],
    );
  });

  it('is refused when a name that is marked as UTF-8 is not', () => {
    const bytes = buildCabinet([{ packing: stored, files: [{ name: 'ä', data: TEXT }] }]);
    bytes.writeUInt16LE(0x80, 36 + 8 + 14);
    assert.throws(() => open(bytes), code('OAK_CABINET_INVALID'));
  });

  it('finds files by name in any case', () => {
    const cabinet = open(buildCabinet([{ packing: stored, files: [{ name: 'Package.XML', data: TEXT }] }]));
    assert.equal(cabinet.find('package.xml'), cabinet.entries[0]);
    assert.equal(cabinet.find('package'), undefined);
  });

  it('may reserve areas in header, folders and blocks', () => {
    for (const checksums of ['all', 'without-reserve', 'none'] as const) {
      const options = { headerReserve: 6_144, folderReserve: 3, blockReserve: 5, checksums };
      const folder = { packing: mszip, files: [{ name: 'a', data: TEXT }] };
      const cabinet = open(buildCabinet([folder, folder], options));
      for (const entry of cabinet.entries) assert.deepEqual(cabinet.readWhole(entry, 1e6), TEXT);
    }
  });

  it('may be followed by a signature', () => {
    const cabinet = open(Buffer.concat([buildCabinet(small), Buffer.from('signature')]));
    assert.equal(cabinet.readWhole(cabinet.entries[0], 9).toString(), 'abc');
  });

  it('is not checked where its blocks have no checksum', () => {
    const bytes = buildCabinet(small, { checksums: 'none' });
    bytes[bytes.length - 1] = 0x5a;
    const cabinet = open(bytes);
    assert.equal(cabinet.readWhole(cabinet.entries[0], 9).toString(), 'abZ');
  });

  it('unpacks each block once when its files are read in order', () => {
    const files = Array.from({ length: 20 }, (_, index) => ({
      name: `${index}`,
      data: TEXT.subarray(index),
    }));
    const inner = sourceFromBytes(buildCabinet([{ packing: stored, files }]));
    let bytesRead = 0;
    const source: CabinetSource = {
      size: inner.size,
      read(offset, length) {
        bytesRead += length;
        return inner.read(offset, length);
      },
    };
    const cabinet = openCabinet(source);
    bytesRead = 0;
    for (const entry of cabinet.entries) cabinet.readWhole(entry, 1e6);
    assert.ok(bytesRead < inner.size, `${bytesRead} bytes read of ${inner.size}`);
  });

  const refused: Readonly<Record<string, [string, (bytes: Buffer) => unknown]>> = {
    'which is none': ['OAK_CABINET_INVALID', (bytes) => bytes.write('MZ', 0, 'latin1')],
    'that says it is longer': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt32LE(bytes.length + 1, 8)],
    'of another version': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt8(2, 25)],
    'that continues one before': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt16LE(1, 30)],
    'that continues in a next': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt16LE(2, 30)],
    'whose file continues in a next': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt16LE(0xfffe, 52)],
    'packed with Quantum': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt16LE(0x1402, 42)],
    'packed with an unknown method': ['OAK_CABINET_UNSUPPORTED', (bytes) => bytes.writeUInt16LE(4, 42)],
    'packed with LZX:14': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt16LE(0x0e03, 42)],
    'packed with LZX:22': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt16LE(0x1603, 42)],
    'whose file lies in no folder': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt16LE(1, 52)],
    'whose file is longer than its folder': [
      'OAK_CABINET_INVALID',
      (bytes) => bytes.writeUInt32LE(32_769, 44),
    ],
    'whose file has no name': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt8(0, 60)],
    'whose data lies outside': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt32LE(bytes.length + 1, 36)],
    'whose files lie outside': ['OAK_CABINET_INVALID', (bytes) => bytes.writeUInt32LE(bytes.length, 16)],
  };
  for (const [which, [expected, damage]] of Object.entries(refused)) {
    it(`is refused ${which}`, () => {
      const bytes = buildCabinet(small);
      damage(bytes);
      assert.throws(() => open(bytes), code(expected));
    });
  }

  it('is refused in reading where a block says impossible sizes', () => {
    const block = 36 + 8 + 18;
    for (const [packed, size] of [
      [3, 0],
      [3, 32_769],
      [4, 3],
      [3, 2],
      [39_000, 3],
    ]) {
      const bytes = buildCabinet(small, { checksums: 'none' });
      bytes.writeUInt16LE(packed, block + 4);
      bytes.writeUInt16LE(size, block + 6);
      const cabinet = open(bytes);
      assert.throws(() => cabinet.readWhole(cabinet.entries[0], 9), code('OAK_CABINET_INVALID'));
    }
  });

  it('is refused in reading where its folder ends before the file', () => {
    const bytes = buildCabinet(small);
    bytes.writeUInt32LE(4, 44);
    const cabinet = open(bytes);
    assert.throws(() => cabinet.readWhole(cabinet.entries[0], 9), code('OAK_CABINET_INVALID'));
  });

  it('is held to limits of files, folders and unpacked bytes', () => {
    const folder = { packing: stored, files: [{ name: 'a', data: TEXT }] };
    const source = sourceFromBytes(buildCabinet([folder, folder]));
    const enough = { maxFiles: 2, maxFolders: 2, maxUnpackedBytes: 2 * TEXT.length };
    assert.equal(openCabinet(source, enough).entries.length, 2);
    for (const [limit, most] of Object.entries(enough)) {
      assert.throws(() => openCabinet(source, { ...enough, [limit]: most - 1 }), code('OAK_CABINET_LIMIT'));
    }
  });

  it('counts what stands before a file as unpacked', () => {
    const bytes = buildCabinet([{ packing: stored, files: [{ name: 'a', data: TEXT }] }]);
    bytes.writeUInt32LE(1, 44);
    bytes.writeUInt32LE(TEXT.length - 1, 48);
    const source = sourceFromBytes(bytes);
    assert.throws(() => openCabinet(source, { maxUnpackedBytes: 100 }), code('OAK_CABINET_LIMIT'));
  });

  it('refuses to unpack a file into one buffer that is too large', () => {
    const cabinet = open(buildCabinet(small));
    assert.throws(() => cabinet.readWhole(cabinet.entries[0], 2), code('OAK_CABINET_LIMIT'));
  });
});

describe('a cabinet on disk', () => {
  it('is read through a file source', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oakum-cabinet-'));
    try {
      const path = join(folder, 'a.cab');
      writeFileSync(path, buildCabinet([{ packing: mszip, files: [{ name: 'a', data: TEXT }] }]));
      using source = sourceFromFile(path);
      const cabinet = openCabinet(source);
      assert.deepEqual(cabinet.readWhole(cabinet.entries[0], 1e6), TEXT);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is reported when it cannot be opened or read', () => {
    assert.throws(() => sourceFromFile(join(tmpdir(), 'oakum-no-such-file')), code('OAK_FILE_UNREADABLE'));
    using source = sourceFromFile(tmpdir());
    assert.throws(() => source.read(0, 10), code('OAK_FILE_UNREADABLE'));
  });
});

function digest(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

describe('a cabinet of Microsoft', { skip: skipWithoutFixtures }, () => {
  it('gives the members of a WSUS export (LZX:21, header reserve)', () => {
    using source = sourceFromFile(fixture('wsus-export/WSUS-2024-06-19.cab'));
    const cabinet = openCabinet(source);
    assert.deepEqual(
      cabinet.entries.map((entry) => [entry.name, entry.size, entry.modified, digest(cabinet.read(entry))]),
      [
        [
          'package.xml',
          530_916,
          '2024-06-19T10:11:20',
          '132d19bb465c8adecfd40ddf971bfe14a647a77e5f0b4a18161d204f2bbb0bc4',
        ],
        [
          'metadata.txt',
          16_192_694,
          '2024-06-19T10:11:20',
          '5c444bb0198dad88e6a14a1436cc1ed8c6baada87de5afae854dfe2c30fd3220',
        ],
      ],
    );
  });

  const document = 'metadata/documents/a2fef9b0-7951-4c2c-a42b-9e351dd1c1fe-r200.xml';
  const blobs: Readonly<Record<string, () => Buffer>> = {
    'of an XmlUpdateBlobCompressed': () =>
      readFileSync(fixture('server-sync/blobs/a2fef9b0-r200.XmlUpdateBlobCompressed.cab')),
    'inside a GetUpdateData answer': () => {
      const answer = readFileSync(
        fixture('server-sync/000013-GetUpdateData-bundle-cab-blob.response.xml'),
        'utf8',
      );
      return Buffer.from(/<XmlUpdateBlobCompressed>([^<]*)</.exec(answer)?.[1] ?? '', 'base64');
    },
  };
  for (const [which, read] of Object.entries(blobs)) {
    it(`gives the document ${which} in UTF-16LE`, () => {
      const cabinet = open(read());
      assert.deepEqual(
        cabinet.entries.map(({ name, modified }) => [name, modified]),
        [['blob', undefined]],
      );
      const blob = cabinet.readWhole(cabinet.entries[0], 1e6);
      assert.equal(blob.toString('utf16le'), readFileSync(fixture(document), 'utf8'));
    });
  }
});

import { deflateRawSync } from 'node:zlib';
import { packLzx, type LzxPackOptions } from './lzx-packer.ts';

/** How the data of a folder is packed: its typeCompress, and one packed block for each 32 KiB. */
export interface Packing {
  readonly type: number;
  readonly pack: (data: Uint8Array) => readonly Uint8Array[];
}

export const stored: Packing = { type: 0x0000, pack: (data) => slices(data) };

export const mszip: Packing = {
  type: 0x0001,
  pack: (data) =>
    slices(data).map((block, index) => {
      const history = data.subarray((index - 1) * 32_768, index * 32_768);
      const deflated = index === 0 ? deflateRawSync(block) : deflateRawSync(block, { dictionary: history });
      return Buffer.concat([Buffer.from('CK'), deflated]);
    }),
};

export const lzx = (options: LzxPackOptions): Packing => ({
  type: 0x0003 | (options.windowBits << 8),
  pack: (data) => packLzx(data, options),
});

export interface BuiltFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Marks the name as UTF-8; Latin-1 otherwise. */
  readonly utf?: boolean;
}

export interface BuiltFolder {
  readonly packing: Packing;
  readonly files: readonly BuiltFile[];
}

export interface CabinetOptions {
  readonly headerReserve?: number;
  readonly folderReserve?: number;
  readonly blockReserve?: number;
  /** Whether checksums cover the block reserve, leave it out, or are absent (0). */
  readonly checksums?: 'all' | 'without-reserve' | 'none';
}

/** A cabinet for tests: header, folders, files, data. All files are of 2024-06-19T10:11:20. */
export function buildCabinet(folders: readonly BuiltFolder[], options: CabinetOptions = {}): Buffer {
  const { headerReserve = 0, folderReserve = 0, blockReserve = 0, checksums = 'all' } = options;
  const hasReserve = headerReserve + folderReserve + blockReserve > 0;
  const entries = Buffer.concat(folders.flatMap(({ files }, folder) => fileEntries(files, folder)));
  const foldersOffset = 36 + (hasReserve ? 4 + headerReserve : 0);
  const filesOffset = foldersOffset + folders.length * (8 + folderReserve);
  let dataOffset = filesOffset + entries.length;

  const folderEntries: Buffer[] = [];
  const data: Buffer[] = [];
  for (const { packing, files } of folders) {
    const unpacked = Buffer.concat(files.map((file) => file.data));
    const blocks = packing.pack(unpacked).map((packed, index) => {
      const size = Math.min(32_768, unpacked.length - index * 32_768);
      return dataBlock(packed, size, blockReserve, checksums);
    });
    const entry = Buffer.alloc(8 + folderReserve, 0x52);
    entry.writeUInt32LE(dataOffset, 0);
    entry.writeUInt16LE(blocks.length, 4);
    entry.writeUInt16LE(packing.type, 6);
    folderEntries.push(entry);
    data.push(...blocks);
    dataOffset += blocks.reduce((sum, block) => sum + block.length, 0);
  }

  const header = Buffer.alloc(foldersOffset, 0x52);
  header.fill(0, 0, 36);
  header.write('MSCF', 0, 'latin1');
  header.writeUInt32LE(dataOffset, 8);
  header.writeUInt32LE(filesOffset, 16);
  header.writeUInt16LE(0x0103, 24);
  header.writeUInt16LE(folders.length, 26);
  header.writeUInt16LE(
    folders.reduce((sum, { files }) => sum + files.length, 0),
    28,
  );
  if (hasReserve) {
    header.writeUInt16LE(0x0004, 30);
    header.writeUInt16LE(headerReserve, 36);
    header.writeUInt8(folderReserve, 38);
    header.writeUInt8(blockReserve, 39);
  }
  return Buffer.concat([header, ...folderEntries, entries, ...data]);
}

function fileEntries(files: readonly BuiltFile[], folder: number): Buffer[] {
  let offset = 0;
  return files.map((file) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(file.data.length, 0);
    entry.writeUInt32LE(offset, 4);
    entry.writeUInt16LE(folder, 8);
    entry.writeUInt16LE((44 << 9) | (6 << 5) | 19, 10);
    entry.writeUInt16LE((10 << 11) | (11 << 5) | 10, 12);
    entry.writeUInt16LE(file.utf === true ? 0x80 : 0x20, 14);
    offset += file.data.length;
    return Buffer.concat([entry, Buffer.from(`${file.name}\0`, file.utf === true ? 'utf8' : 'latin1')]);
  });
}

function dataBlock(
  packed: Uint8Array,
  size: number,
  reserve: number,
  checksums: CabinetOptions['checksums'],
): Buffer {
  const block = Buffer.concat([Buffer.alloc(8), Buffer.alloc(reserve, 0x52), packed]);
  block.writeUInt16LE(packed.length, 4);
  block.writeUInt16LE(size, 6);
  let sum = checksum(packed) ^ checksum(block.subarray(4, 8));
  if (checksums === 'all') sum ^= checksum(block.subarray(8, 8 + reserve));
  if (checksums !== 'none') block.writeUInt32LE(sum >>> 0, 0);
  return block;
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.subarray(at, at + 4);
    const value =
      word.length === 4 ? Buffer.from(word).readInt32LE(0) : Buffer.from(word).readUIntBE(0, word.length);
    sum ^= value;
  }
  return sum;
}

function slices(data: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += 32_768) blocks.push(data.subarray(at, at + 32_768));
  return blocks;
}

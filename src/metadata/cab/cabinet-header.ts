import { BLOCK_BYTES } from './block-decoder.ts';
import { cabinetOverLimit, invalidCabinet, unsupportedCabinet } from './cabinet-error.ts';
import type { CabinetSource } from './cabinet-source.ts';

/** One file of a cabinet ([MS-CAB], CFFILE). Plain data: keep it as long as the cabinet. */
export interface CabinetEntry {
  /** As stored, with backslashes between folders. Text from outside: never use it as a path. */
  readonly name: string;
  /** Unpacked length in bytes. */
  readonly size: number;
  /** `yyyy-MM-ddTHH:mm:ss` in the writer's unknown time zone; undefined where the stored date is none. */
  readonly modified: string | undefined;
  /** Index of the folder, which is the unit of compression and not a directory. */
  readonly folder: number;
  /** Where the file begins in the unpacked folder, in bytes. */
  readonly offset: number;
}

export type CabinetCompression =
  | { readonly method: 'stored' }
  | { readonly method: 'mszip' }
  | { readonly method: 'lzx'; readonly windowBits: number };

/** One folder of a cabinet ([MS-CAB], CFFOLDER): a run of data blocks with a common history. */
export interface CabinetFolder {
  readonly dataOffset: number;
  readonly blockCount: number;
  readonly compression: CabinetCompression;
}

export interface CabinetHeader {
  /** Length of the cabinet in bytes; a signed cabinet may be followed by its signature. */
  readonly size: number;
  /** Bytes that the writer reserved in front of the data of each block. */
  readonly blockReserve: number;
  readonly folders: readonly CabinetFolder[];
  readonly entries: readonly CabinetEntry[];
}

export interface CabinetLimits {
  /** Most files; 65,535 by default, which is the most that the format can say. */
  readonly maxFiles: number;
  /** Most folders; 4,096 by default. */
  readonly maxFolders: number;
  /** Most bytes that all files together, and all folders together, may unpack to; 4 GiB by default. */
  readonly maxUnpackedBytes: number;
}

const HEADER_BYTES = 36;
const FILE_BYTES = 16;
/** 256 bytes and the NUL that ends them ([MS-CAB], szName). */
const NAME_BYTES = 257;

// [MS-CAB], CFHEADER, flags
const FLAG_PREVIOUS_CABINET = 0x0001;
const FLAG_NEXT_CABINET = 0x0002;
const FLAG_RESERVE_PRESENT = 0x0004;

/** Folder indexes from here on mean "continued in another cabinet" ([MS-CAB], iFolder). */
const FOLDER_CONTINUED = 0xfffd;
const ATTRIBUTE_NAME_IS_UTF = 0x80;

/**
 * Reads everything but the data: CFHEADER, CFFOLDER and CFFILE of [MS-CAB]. What these say is
 * held against the size of the source and against each other here, so that reading a file later meets
 * no offset that lies outside.
 */
export function readCabinetHeader(source: CabinetSource, limits: CabinetLimits): CabinetHeader {
  const fixed = view(source, 0, HEADER_BYTES, source.size);
  if (fixed.getUint32(0, false) !== 0x4d534346) throw invalidCabinet('It does not begin with MSCF.');
  const size = fixed.getUint32(8, true);
  if (size > source.size) throw invalidCabinet(`It says it has ${size} bytes and has ${source.size}.`);
  const filesOffset = fixed.getUint32(16, true);
  const [minor, major] = [fixed.getUint8(24), fixed.getUint8(25)];
  if (major !== 1 || minor !== 3)
    throw unsupportedCabinet(`Its format version is ${major}.${minor}, not 1.3.`);
  const folderCount = fixed.getUint16(26, true);
  const fileCount = fixed.getUint16(28, true);
  const flags = fixed.getUint16(30, true);
  if (folderCount > limits.maxFolders)
    throw cabinetOverLimit(`${folderCount} folders; maxFolders is ${limits.maxFolders}.`);
  if (fileCount > limits.maxFiles)
    throw cabinetOverLimit(`${fileCount} files; maxFiles is ${limits.maxFiles}.`);
  if ((flags & (FLAG_PREVIOUS_CABINET | FLAG_NEXT_CABINET)) !== 0) {
    throw unsupportedCabinet('It is one of a set of cabinets.');
  }

  let foldersOffset = HEADER_BYTES;
  let folderReserve = 0;
  let blockReserve = 0;
  if ((flags & FLAG_RESERVE_PRESENT) !== 0) {
    const reserve = view(source, HEADER_BYTES, 4, size);
    foldersOffset += 4 + reserve.getUint16(0, true);
    folderReserve = reserve.getUint8(2);
    blockReserve = reserve.getUint8(3);
  }

  const folders = readFolders(source, size, foldersOffset, folderCount, 8 + folderReserve);
  const entries = readEntries(source, size, filesOffset, fileCount, folders);
  checkUnpackedBytes(entries, limits.maxUnpackedBytes);
  return { size, blockReserve, folders, entries };
}

function readFolders(
  source: CabinetSource,
  end: number,
  offset: number,
  count: number,
  stride: number,
): readonly CabinetFolder[] {
  const folders: CabinetFolder[] = [];
  for (let index = 0; index < count; index++) {
    const folder = view(source, offset + index * stride, 8, end);
    const dataOffset = folder.getUint32(0, true);
    const blockCount = folder.getUint16(4, true);
    if (dataOffset > end) throw invalidCabinet(`The data of folder ${index} lies outside the cabinet.`);
    folders.push({ dataOffset, blockCount, compression: compressionOf(folder.getUint16(6, true)) });
  }
  return folders;
}

/** [MS-CAB], typeCompress: the method in four bits, the window of LZX five bits higher up. */
function compressionOf(type: number): CabinetCompression {
  switch (type & 0x0f) {
    case 0:
      return { method: 'stored' };
    case 1:
      return { method: 'mszip' };
    case 2:
      throw unsupportedCabinet('It is compressed with Quantum.');
    case 3: {
      const windowBits = (type >> 8) & 0x1f;
      if (windowBits < 15 || windowBits > 21)
        throw invalidCabinet(`An LZX window of 2^${windowBits} does not exist.`);
      return { method: 'lzx', windowBits };
    }
    default:
      throw unsupportedCabinet(`Its compression method is ${type & 0x0f}.`);
  }
}

function readEntries(
  source: CabinetSource,
  end: number,
  start: number,
  count: number,
  folders: readonly CabinetFolder[],
): readonly CabinetEntry[] {
  const entries: CabinetEntry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const bytes = source.read(at, Math.min(FILE_BYTES + NAME_BYTES, Math.max(0, end - at)));
    const nameEnd = bytes.indexOf(0, FILE_BYTES);
    if (bytes.length <= FILE_BYTES || nameEnd < 0)
      throw invalidCabinet(`The entry of file ${index} does not end.`);
    if (nameEnd === FILE_BYTES) throw invalidCabinet(`File ${index} has no name.`);
    const fields = new DataView(bytes.buffer, bytes.byteOffset, FILE_BYTES);
    const size = fields.getUint32(0, true);
    const offset = fields.getUint32(4, true);
    const folder = fields.getUint16(8, true);
    if (folder >= FOLDER_CONTINUED) throw unsupportedCabinet(`File ${index} continues in another cabinet.`);
    const home = folders[folder];
    if (home === undefined)
      throw invalidCabinet(`File ${index} lies in folder ${folder}, which does not exist.`);
    if (offset + size > home.blockCount * BLOCK_BYTES) {
      throw invalidCabinet(`File ${index} is longer than the blocks of its folder can be.`);
    }
    entries.push({
      name: decodeName(bytes.subarray(FILE_BYTES, nameEnd), fields.getUint16(14, true)),
      size,
      modified: decodeTime(fields.getUint16(10, true), fields.getUint16(12, true)),
      folder,
      offset,
    });
    at += nameEnd + 1;
  }
  return entries;
}

/**
 * Two sums, because a small file at the far end of a folder costs the whole folder, and many files may
 * claim the same bytes.
 */
function checkUnpackedBytes(entries: readonly CabinetEntry[], maxUnpackedBytes: number): void {
  const reach = new Map<number, number>();
  let total = 0;
  for (const { folder, offset, size } of entries) {
    total += size;
    reach.set(folder, Math.max(reach.get(folder) ?? 0, offset + size));
  }
  const folders = [...reach.values()].reduce((sum, bytes) => sum + bytes, 0);
  const most = Math.max(total, folders);
  if (most > maxUnpackedBytes)
    throw cabinetOverLimit(`It unpacks to ${most} bytes; maxUnpackedBytes is ${maxUnpackedBytes}.`);
}

/**
 * Without the UTF flag a name is in a code page that the cabinet does not tell; Latin-1 never fails and is
 * right for the ASCII names that occur.
 */
function decodeName(bytes: Uint8Array, attributes: number): string {
  if ((attributes & ATTRIBUTE_NAME_IS_UTF) === 0) return Buffer.from(bytes).toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidCabinet('A name that is marked as UTF-8 is not.');
  }
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** MS-DOS date and time: 7, 4 and 5 bits from 1980 on; 5, 6 and 5 bits with seconds halved. */
function decodeTime(date: number, time: number): string | undefined {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 0x0f, date & 0x1f];
  const [hour, minute, second] = [time >> 11, (time >> 5) & 0x3f, (time & 0x1f) * 2];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  return `${year}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}`;
}

function view(source: CabinetSource, offset: number, length: number, end: number): DataView {
  const bytes = offset + length <= end ? source.read(offset, length) : undefined;
  if (bytes?.length !== length)
    throw invalidCabinet(`It ends inside its header, at byte ${Math.min(offset, end)}.`);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

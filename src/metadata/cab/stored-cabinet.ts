import { Buffer } from 'node:buffer';

const HEADER_BYTES = 36;
const FOLDER_BYTES = 8;
const FILE_BYTES = 16;
const BLOCK_BYTES = 8;
const MOST_BYTES = 0x8000;

/**
 * A cabinet with one small file, stored without compression (MSCF 1.3): enough for the probes of old
 * clients and monitors.
 *
 * @param name ASCII
 * @param content at most 32,768 bytes: one block
 */
export function storedCabinet(name: string, content: Uint8Array): Buffer {
  if (content.length > MOST_BYTES) throw new RangeError('one block holds at most 32,768 bytes');
  const fileName = Buffer.from(`${name}\0`, 'ascii');
  const filesAt = HEADER_BYTES + FOLDER_BYTES;
  const dataAt = filesAt + FILE_BYTES + fileName.length;
  const cabinet = Buffer.alloc(dataAt + BLOCK_BYTES + content.length);
  // CFHEADER: signature, size, offset of the first file, version 1.3, one folder, one file.
  cabinet.write('MSCF', 0, 'ascii');
  cabinet.writeUInt32LE(cabinet.length, 8);
  cabinet.writeUInt32LE(filesAt, 16);
  cabinet.writeUInt8(3, 24);
  cabinet.writeUInt8(1, 25);
  cabinet.writeUInt16LE(1, 26);
  cabinet.writeUInt16LE(1, 28);
  // CFFOLDER: offset of its data, one block, no compression.
  cabinet.writeUInt32LE(dataAt, HEADER_BYTES);
  cabinet.writeUInt16LE(1, HEADER_BYTES + 4);
  // CFFILE: size, then 1980-01-01, the first date a cabinet can hold.
  cabinet.writeUInt32LE(content.length, filesAt);
  cabinet.writeUInt16LE(0x0021, filesAt + 10);
  fileName.copy(cabinet, filesAt + FILE_BYTES);
  // CFDATA: a checksum of zero means that there is none.
  cabinet.writeUInt16LE(content.length, dataAt + 4);
  cabinet.writeUInt16LE(content.length, dataAt + 6);
  cabinet.set(content, dataAt + BLOCK_BYTES);
  return cabinet;
}

import { cabinetOverLimit, invalidCabinet } from './cabinet-error.ts';
import { FolderReader } from './cabinet-folder.ts';
import {
  readCabinetHeader,
  type CabinetEntry,
  type CabinetHeader,
  type CabinetLimits,
} from './cabinet-header.ts';
import type { CabinetSource } from './cabinet-source.ts';

const DEFAULT_LIMITS: CabinetLimits = {
  maxFiles: 65_535,
  maxFolders: 4_096,
  maxUnpackedBytes: 4 * 2 ** 30,
};

/**
 * Opens a Microsoft cabinet ([MS-CAB], format 1.3): stored, MSZIP or LZX. Reads its tables and no data.
 *
 * ```ts
 * const cabinet = openCabinet(sourceFromBytes(blob), { maxUnpackedBytes: 64 * 2 ** 20 });
 * const entry = cabinet.find('blob');
 * const text = entry && cabinet.readWhole(entry, 64 * 2 ** 20).toString('utf16le');
 * ```
 *
 * @throws OAK_CABINET_INVALID where the bytes are no cabinet or contradict themselves
 * @throws OAK_CABINET_UNSUPPORTED for Quantum and for a part of a set of cabinets
 * @throws OAK_CABINET_LIMIT where it holds or unpacks to more than the limits
 */
export function openCabinet(source: CabinetSource, limits: Partial<CabinetLimits> = {}): Cabinet {
  return new Cabinet(source, readCabinetHeader(source, { ...DEFAULT_LIMITS, ...limits }));
}

/** An open cabinet; see {@link openCabinet}. Closing its source is up to the caller. */
export class Cabinet {
  readonly #source: CabinetSource;
  readonly #header: CabinetHeader;
  /** Where the last complete read stopped, so that reading files in order unpacks each folder once. */
  #idle: { readonly folder: number; readonly reader: FolderReader } | undefined;

  constructor(source: CabinetSource, header: CabinetHeader) {
    this.#source = source;
    this.#header = header;
  }

  /** The files in the order in which the cabinet lists them. */
  get entries(): readonly CabinetEntry[] {
    return this.#header.entries;
  }

  /** The first file of that name, in any case (Windows file names). */
  find(name: string): CabinetEntry | undefined {
    const wanted = name.toLowerCase();
    return this.entries.find((entry) => entry.name.toLowerCase() === wanted);
  }

  /**
   * Unpacks one file, piece by piece, in memory that does not depend on its size (2 MiB for LZX:21).
   * Pieces are at most 32 KiB; they stay valid but must not be written to, being the history of those
   * that follow. What stands before the file in its folder is unpacked and dropped, unless the last read
   * ended before it.
   *
   * @throws OAK_CABINET_INVALID where the data is damaged; all pieces before that were right
   */
  *read(entry: CabinetEntry): Generator<Uint8Array, void> {
    const reader = this.#readerFor(entry);
    yield* reader.read(entry.offset, entry.size);
    this.#idle = { folder: entry.folder, reader };
  }

  /**
   * Unpacks one file into one buffer.
   *
   * @param maxBytes the most it may need
   * @throws OAK_CABINET_LIMIT where the file is larger, before anything is allocated
   */
  readWhole(entry: CabinetEntry, maxBytes: number): Buffer {
    if (entry.size > maxBytes) {
      throw cabinetOverLimit(`A file in it has ${entry.size} bytes; at most ${maxBytes} are allowed here.`);
    }
    const whole = Buffer.allocUnsafe(entry.size);
    let filled = 0;
    for (const chunk of this.read(entry)) {
      whole.set(chunk, filled);
      filled += chunk.length;
    }
    return whole;
  }

  #readerFor(entry: CabinetEntry): FolderReader {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle?.folder === entry.folder && idle.reader.position <= entry.offset) return idle.reader;
    const folder = this.#header.folders[entry.folder];
    if (folder === undefined) throw invalidCabinet(`Folder ${entry.folder} does not exist.`);
    return new FolderReader(this.#source, folder, this.#header.size, this.#header.blockReserve);
  }
}

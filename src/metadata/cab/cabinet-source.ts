import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { OakumError } from '../../errors/oakum-error.ts';

/** Where a cabinet's bytes come from. Random access, because folders are found by offset. */
export interface CabinetSource {
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset`, at most `length` of them: fewer only where the source ends. The answer may
   * be overwritten by the next call.
   */
  read(offset: number, length: number): Uint8Array;
}

/** A cabinet that is in memory already, such as an XmlUpdateBlobCompressed ([MS-WSUSSS] 3.1.4.6). */
export function sourceFromBytes(bytes: Uint8Array): CabinetSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/**
 * A cabinet on disk, never held in memory. Dispose it to close the file.
 *
 * @throws OAK_FILE_UNREADABLE, also from `read`
 */
export function sourceFromFile(path: string): CabinetSource & Disposable {
  const file = attempt(path, () => openSync(path, 'r'));
  let buffer = new Uint8Array(65_536);
  return {
    size: attempt(path, () => fstatSync(file).size),
    read(offset, length) {
      if (length > buffer.length) buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = attempt(path, () => readSync(file, buffer, filled, length - filled, offset + filled));
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${path}: ${reason}`, cause });
  }
}

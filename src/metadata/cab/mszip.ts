import { inflateRawSync } from 'node:zlib';
import { BLOCK_BYTES, type BlockDecoder } from './block-decoder.ts';
import { invalidCabinet } from './cabinet-error.ts';

/**
 * MSZIP ([MS-MCI]): every block is "CK" and a whole deflate stream (RFC 1951), whose history is the
 * 32 KiB unpacked before it.
 */
export class MszipDecoder implements BlockDecoder {
  #history: Uint8Array = new Uint8Array(0);

  decode(packed: Uint8Array, size: number): Uint8Array {
    if (packed.length < 2 || packed[0] !== 0x43 || packed[1] !== 0x4b) {
      throw invalidCabinet('An MSZIP block does not begin with CK.');
    }
    const block = this.#inflate(packed.subarray(2), size);
    if (block.length !== size) throw invalidCabinet('An MSZIP block unpacks to less than it says.');
    this.#history =
      size === BLOCK_BYTES ? block : Buffer.concat([this.#history, block]).subarray(-BLOCK_BYTES);
    return block;
  }

  #inflate(deflated: Uint8Array, size: number): Buffer {
    try {
      return this.#history.length === 0
        ? inflateRawSync(deflated, { maxOutputLength: size })
        : inflateRawSync(deflated, { maxOutputLength: size, dictionary: this.#history });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw invalidCabinet(`An MSZIP block does not inflate: ${reason}.`);
    }
  }
}

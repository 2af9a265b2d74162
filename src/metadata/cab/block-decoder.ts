/** Unpacked bytes in every block but the last of a folder ([MS-CAB], cbUncomp). */
export const BLOCK_BYTES = 32_768;

/** Most packed bytes in a block: 32 KiB that did not compress, and what LZX adds at worst. */
export const MAX_PACKED_BYTES = BLOCK_BYTES + 6_144;

/** Unpacks the blocks of one folder, in order: every method but "stored" has a history. */
export interface BlockDecoder {
  /**
   * @param packed one block as stored, at most {@link MAX_PACKED_BYTES}; overwritten after the call
   * @param size how many bytes the block unpacks to, 1 to {@link BLOCK_BYTES}
   * @returns exactly `size` bytes that the decoder never writes to again
   */
  decode(packed: Uint8Array, size: number): Uint8Array;
}

import { Buffer } from 'node:buffer';

/** Length of a SHA-1 digest, by which files are named on the wire. */
export const SHA1_BYTES = 20;
/** Length of the SHA-256 digest that clients since Windows 8 demand besides. */
export const SHA256_BYTES = 32;

/** A digest written in base64, if it has the expected length. */
export function parseDigest(base64: string, bytes: number): Buffer | undefined {
  const digest = Buffer.from(base64, 'base64');
  // Buffer passes over what is no base64; written back, such a text is another one.
  return digest.length === bytes && digest.toString('base64') === base64 ? digest : undefined;
}

import { OakumError } from '../errors/oakum-error.ts';

/** Length of a SHA-1 digest in bytes. */
export const SHA1_BYTES = 20;

/**
 * The 40 upper-case hexadecimal digits that name a file in paths, on disk and in the ETag.
 *
 * Every path Oakum builds for content goes through here, so this is also the border that keeps anything but
 * a digest out of the file system: a `Buffer` of exactly 20 bytes can only become 40 hexadecimal digits.
 *
 * @throws OakumError OAK_CONTENT_DIGEST_INVALID when the buffer is not 20 bytes long.
 */
export function digestHex(digest: Buffer): string {
  if (digest.length !== SHA1_BYTES) {
    throw new OakumError('OAK_CONTENT_DIGEST_INVALID', {
      detail: `It has ${digest.length} bytes instead of ${SHA1_BYTES}.`,
    });
  }
  return digest.toString('hex').toUpperCase();
}

/** The folder of a file: the last two hexadecimal digits of its name, always two of them. */
export function digestFolder(hex: string): string {
  return hex.slice(-2);
}

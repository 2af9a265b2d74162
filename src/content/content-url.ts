import { OakumError } from '../errors/oakum-error.ts';
import { digestFolder, digestHex } from './digest-hex.ts';

/** What the path of a request under /Content asks for. */
export type ContentPath =
  | { readonly kind: 'file'; readonly digest: Buffer }
  /** The address of a file without its extension. The caller answers 403, as WSUS does (observed). */
  | { readonly kind: 'no-extension' }
  /** A digest in a folder that is not its own. The caller answers 404. */
  | { readonly kind: 'wrong-folder' }
  /** Anything else. The caller answers 404. */
  | { readonly kind: 'unknown' };

/** No extension of an update's file comes near this length. */
const EXTENSION = /^\.[a-z0-9]{1,16}$/i;

/**
 * The path at which clients find a file: `/Content/<XX>/<SHA1>.<ext>`, 40 upper-case hexadecimal digits in the folder
 * of the last two of them. [MS-WSUSSS] speaks of the last two *bytes*; all observed addresses have two *characters*.
 *
 * @param digest SHA-1, 20 bytes.
 * @param extension with its dot, as {@link extensionOf} gives it.
 * @throws OakumError OAK_CONTENT_DIGEST_INVALID, or OAK_CONTENT_EXTENSION for anything but a dot and 1 to 16 ASCII
 * letters and digits.
 */
export function contentPath(digest: Buffer, extension: string): string {
  if (!EXTENSION.test(extension)) {
    throw new OakumError('OAK_CONTENT_EXTENSION', {
      detail: 'It must be a dot and 1 to 16 letters or digits.',
    });
  }
  const hex = digestHex(digest);
  return `/Content/${digestFolder(hex)}/${hex}${extension}`;
}

/**
 * The extension of a file name out of metadata, with its dot and in its own letter case, fit for {@link contentPath}.
 * `.bin` for a name with none or an unfit one: clients take any path they are given, and the address must have one.
 */
export function extensionOf(fileName: string): string {
  const extension = fileName.slice(Math.max(fileName.lastIndexOf('.'), 0));
  return EXTENSION.test(extension) ? extension : '.bin';
}

/**
 * Reads the path of a request, without query. Any letter case, any extension and repeated slashes are taken, as WSUS
 * takes them: policies with a trailing slash produce `//Content/…`. Never throws.
 */
export function parseContentPath(path: string): ContentPath {
  const match = /^\/+content\/+([0-9a-f]{2})\/+([0-9a-f]{40})(\.[a-z0-9]{1,16})?$/i.exec(path);
  if (match === null) return { kind: 'unknown' };
  const [, folder = '', name = '', extension] = match;
  if (folder.toLowerCase() !== digestFolder(name).toLowerCase()) return { kind: 'wrong-folder' };
  if (extension === undefined) return { kind: 'no-extension' };
  return { kind: 'file', digest: Buffer.from(name, 'hex') };
}

import type { Buffer } from 'node:buffer';
import type { FileFacts } from '../../catalog/metadata-source.ts';
import { contentPath, extensionOf } from '../../content/content-url.ts';

/**
 * Where a client finds a file. It is announced whether or not the file is stored: a client drops an
 * update from its offer as soon as one location is missing.
 */
export function fileLocation(
  file: FileFacts,
  contentBase: string,
): { readonly FileDigest: Buffer; readonly Url: string } {
  return { FileDigest: file.digest, Url: contentBase + contentPath(file.digest, extensionOf(file.name)) };
}

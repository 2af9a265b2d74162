import { readFileSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';

/**
 * The authorities in a file of the option `--ca`, as options for a client.
 *
 * @throws OakumError OAK_FILE_UNREADABLE
 */
export function authoritiesIn(path: string | undefined): { readonly ca?: string } {
  if (path === undefined) return {};
  try {
    return { ca: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${(cause as Error).message}.`, cause });
  }
}

import { readFileSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';

const PEM_CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * The authorities in a file of the option `--ca`, as options for a client.
 *
 * @throws OakumError OAK_FILE_UNREADABLE
 */
export function authoritiesIn(path: string | undefined): { readonly ca?: string } {
  if (path === undefined) return {};
  let ca: string;
  try {
    ca = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${(cause as Error).message}.`, cause });
  }
  // Without one nothing would be trusted, and the server would be blamed for it.
  if (!ca.includes(PEM_CERTIFICATE))
    throw new OakumError('OAK_FILE_UNREADABLE', {
      detail: `${path} holds no certificate in PEM ("${PEM_CERTIFICATE}").`,
    });
  return { ca };
}

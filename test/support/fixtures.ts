import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const candidate = fileURLToPath(new URL('../../../shared/fixtures', import.meta.url));

/** Folder of captured traffic and metadata, when it stands beside the checkout. */
export const fixturesFolder: string | undefined = existsSync(candidate) ? candidate : undefined;

/** For the `skip` option of a test that needs {@link fixture}: false, or the reason. */
export const skipWithoutFixtures: false | string =
  fixturesFolder === undefined ? 'the folder ../shared/fixtures does not stand beside this checkout' : false;

/** Absolute path of one captured file. Call it only in tests guarded by {@link skipWithoutFixtures}. */
export function fixture(path: string): string {
  if (fixturesFolder === undefined) throw new Error(`fixture ${path} is not available`);
  return join(fixturesFolder, path);
}

import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { OakumError } from '../errors/oakum-error.ts';

/** A file found, or a path at which nothing could be looked for. */
export interface FoundFile {
  readonly path: string;
  readonly error?: OakumError;
}

/**
 * The files that paths name, and those in the folders that paths name, at any depth. What cannot be read
 * comes out with the reason, OAK_FILE_UNREADABLE, and keeps nothing else back. Links inside folders are not
 * followed: they could lead in circles.
 */
export function* filesBelow(paths: readonly string[]): Generator<FoundFile> {
  for (const path of paths) {
    try {
      if (!statSync(path).isDirectory()) {
        yield { path };
        continue;
      }
    } catch (cause) {
      yield unreadable(path, cause);
      continue;
    }
    yield* filesOf(path);
  }
}

// Folder by folder, because a recursive listing fails as a whole when one folder in it cannot be read.
function* filesOf(folder: string): Generator<FoundFile> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    yield unreadable(folder, cause);
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else if (entry.isFile()) yield { path };
  }
}

function unreadable(path: string, cause: unknown): FoundFile {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { path, error: new OakumError('OAK_FILE_UNREADABLE', { detail: `${reason}.`, cause }) };
}

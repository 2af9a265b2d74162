import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestFolder } from './digest-hex.ts';
import { isAbsent } from './store-error.ts';

/**
 * Unfinished files younger than this, in milliseconds before the start of this process, are left alone: another
 * process on the same folder may be writing them, and a healthy write is never silent for so long.
 */
const LEFTOVER_AFTER = 10 * 60 * 1000;

/**
 * The layout of the content folder, and the only place where its paths are built:
 *
 *     <root>/<XX>/<SHA1>                     a stored file; XX are the last two of the 40 upper-case digits
 *     <root>/incoming/<SHA1>.<uuid>          being written
 *     <root>/quarantine/<SHA1>.<time>.<uuid> failed verification; never read again by Oakum
 *
 * Names come from {@link digestHex} alone, never from a request or a document. The three kinds lie in one file
 * system, so that a rename between them is atomic.
 */
export class ContentFolder {
  readonly #root: string;
  readonly #incoming: string;
  readonly #quarantine: string;

  constructor(root: string) {
    this.#root = root;
    this.#incoming = join(root, 'incoming');
    this.#quarantine = join(root, 'quarantine');
  }

  /** Where the file of this digest is, or would be. */
  pathOf(hex: string): string {
    return join(this.#root, digestFolder(hex), hex);
  }

  /** A fresh path for an unfinished file. */
  incomingPath(hex: string): string {
    return join(this.#incoming, `${hex}.${randomUUID()}`);
  }

  /** Creates the folders and deletes unfinished files that a killed process left behind. */
  async prepare(): Promise<void> {
    await mkdir(this.#incoming, { recursive: true });
    await mkdir(this.#quarantine, { recursive: true });
    const before = Date.now() - process.uptime() * 1000 - LEFTOVER_AFTER;
    for await (const entry of await opendir(this.#incoming)) {
      const path = join(this.#incoming, entry.name);
      const modified = await stat(path).then(
        (it) => it.mtimeMs,
        () => Infinity,
      );
      if (modified < before) await rm(path, { force: true });
    }
  }

  /** Moves a finished, synchronised file to its address; on return the move survives a power cut. */
  async publish(incoming: string, hex: string): Promise<void> {
    const target = this.pathOf(hex);
    const folder = dirname(target);
    await mkdir(folder, { recursive: true });
    await rename(incoming, target);
    await syncFolder(folder);
    // Also where the folder existed: whoever created it may have died before making it durable.
    await syncFolder(this.#root);
  }

  /** Takes a file from its address to the quarantine. */
  async quarantine(hex: string): Promise<void> {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await rename(this.pathOf(hex), join(this.#quarantine, `${hex}.${time}.${randomUUID()}`));
    await syncFolder(this.#quarantine);
    await syncFolder(dirname(this.pathOf(hex)));
  }

  /** The digests, in hexadecimal, of all files at their addresses; whatever else lies around is passed over. */
  async *addresses(): AsyncGenerator<string> {
    for await (const folder of await opendir(this.#root)) {
      if (!/^[0-9A-F]{2}$/.test(folder.name)) continue;
      try {
        for await (const { name } of await opendir(join(this.#root, folder.name))) {
          if (/^[0-9A-F]{40}$/.test(name) && digestFolder(name) === folder.name) yield name;
        }
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    }
  }
}

/** A rename is durable only when the folder is: fsync(2), "does not necessarily ensure that the entry in the directory … has also reached disk". */
async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for this and orders its metadata in a journal.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

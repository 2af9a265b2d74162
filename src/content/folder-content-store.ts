import { rm, stat } from 'node:fs/promises';
import { OakumError } from '../errors/oakum-error.ts';
import { BlockReader } from './block-reader.ts';
import { ContentFolder } from './content-folder.ts';
import type {
  ContentStore,
  ContentWriter,
  ExpectedContent,
  ExpectedIntegrity,
  ListedContent,
  OpenOptions,
  StoredContent,
} from './content-store.ts';
import { DigestCheck } from './digest-check.ts';
import { digestHex } from './digest-hex.ts';
import { descriptor } from './file-descriptor.ts';
import { isLocalFolder } from './local-folder.ts';
import { FolderContentWriter } from './folder-content-writer.ts';
import { OpenFiles, type FileLease } from './open-files.ts';
import { assertRange, isAbsent, notStored, storeError } from './store-error.ts';

/**
 * Opens a folder as a content store; see {@link ContentFolder} for its layout. Any number of processes may share the
 * folder: what one of them removes or quarantines, the others stop serving within a second.
 *
 * Reading is `fs.read` into lent buffers rather than `fs.createReadStream`, which reached half of the
 * throughput with chunks of the same size.
 *
 * @param root absolute path, created when absent.
 * @throws OakumError OAK_CONTENT_STORE when the folder cannot be created or read.
 */
export async function openFolderContentStore(root: string): Promise<ContentStore> {
  const folder = new ContentFolder(root);
  try {
    await folder.prepare();
    return new FolderContentStore(folder, new BlockReader({ direct: await isLocalFolder(root) }));
  } catch (error) {
    throw storeError(error);
  }
}

class FolderContentStore implements ContentStore {
  readonly #folder: ContentFolder;
  readonly #files = new OpenFiles();
  readonly #reader: BlockReader;

  constructor(folder: ContentFolder, reader: BlockReader) {
    this.#folder = folder;
    this.#reader = reader;
  }

  async stat(digest: Buffer): Promise<StoredContent | undefined> {
    const path = this.#folder.pathOf(digestHex(digest));
    const known = this.#files.known(path);
    if (known !== undefined) return known;
    try {
      const { size, mtime } = await stat(path);
      return { size, modified: mtime };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw storeError(error);
    }
  }

  async *open(
    digest: Buffer,
    start: number,
    end: number,
    options: OpenOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const file = await this.#acquire(digestHex(digest));
    try {
      assertRange(start, end, file.stored.size);
      yield* options.lend === true
        ? this.#reader.lent(file, start, end)
        : this.#reader.kept(file, start, end);
    } finally {
      file.release();
    }
  }

  writer(expected: ExpectedContent): ContentWriter {
    return new FolderContentWriter(this.#folder, expected, (path) => this.#files.retire(path));
  }

  async *list(): AsyncGenerator<ListedContent> {
    try {
      for await (const hex of this.#folder.addresses()) {
        const digest = Buffer.from(hex, 'hex');
        const stored = await this.stat(digest);
        if (stored !== undefined) yield { digest, size: stored.size };
      }
    } catch (error) {
      throw storeError(error);
    }
  }

  async verify(digest: Buffer, expected: ExpectedIntegrity = {}): Promise<void> {
    const hex = digestHex(digest);
    const path = this.#folder.pathOf(hex);
    // What was opened before may be an older file under this path.
    this.#files.retire(path);
    const check = new DigestCheck(digest, expected);
    const file = await this.#acquire(hex);
    try {
      for await (const chunk of this.#reader.lent(file, 0, file.stored.size)) check.update(chunk);
      check.finish();
    } catch (error) {
      if (error instanceof OakumError && error.code === 'OAK_CONTENT_DIGEST_MISMATCH') {
        await this.#quarantine(hex, file);
      }
      throw error;
    } finally {
      file.release();
    }
  }

  async remove(digest: Buffer): Promise<void> {
    const path = this.#folder.pathOf(digestHex(digest));
    try {
      await rm(path, { force: true });
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#files.retire(path);
    }
  }

  async #acquire(hex: string): Promise<FileLease> {
    try {
      return await this.#files.acquire(this.#folder.pathOf(hex));
    } catch (error) {
      throw isAbsent(error) ? notStored(hex) : storeError(error);
    }
  }

  /** Quarantines the file that was read, unless a writer has put a sound one in its place meanwhile. */
  async #quarantine(hex: string, file: FileLease): Promise<void> {
    const path = this.#folder.pathOf(hex);
    try {
      const [read, present] = await Promise.all([descriptor.stat(file.fd), stat(path)]);
      if (read.ino === present.ino && read.dev === present.dev) await this.#folder.quarantine(hex);
    } catch (error) {
      if (!isAbsent(error)) throw storeError(error);
    } finally {
      this.#files.retire(path);
    }
  }
}

import { rm } from 'node:fs/promises';
import { OakumError } from '../errors/oakum-error.ts';
import type { ContentFolder } from './content-folder.ts';
import type { ContentWriter, ExpectedContent } from './content-store.ts';
import { DigestCheck } from './digest-check.ts';
import { digestHex } from './digest-hex.ts';
import { descriptor } from './file-descriptor.ts';
import { storeError } from './store-error.ts';

/** Writes one file into `incoming` and, when it proves right, moves it to its address. */
export class FolderContentWriter implements ContentWriter {
  readonly #folder: ContentFolder;
  readonly #modified: Date | undefined;
  readonly #hex: string;
  readonly #path: string;
  readonly #check: DigestCheck;
  readonly #published: (path: string) => void;
  #opened: Promise<number> | undefined;
  #failure: unknown;
  #closed = false;
  #ended = false;

  /** @param published told the address after each commit, so that readers open the new file. */
  constructor(folder: ContentFolder, expected: ExpectedContent, published: (path: string) => void) {
    this.#folder = folder;
    this.#modified = expected.modified;
    this.#hex = digestHex(expected.sha1);
    this.#path = folder.incomingPath(this.#hex);
    this.#check = new DigestCheck(expected.sha1, expected);
    this.#published = published;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      this.#assertUnfinished();
      const position = this.#check.size;
      this.#check.update(chunk);
      const fd = await this.#descriptor();
      for (let written = 0; written < chunk.length;) {
        const rest = chunk.length - written;
        const { bytesWritten } = await descriptor.write(fd, chunk, written, rest, position + written);
        written += bytesWritten;
      }
    } catch (error) {
      this.#failure ??= error;
      throw storeError(error);
    }
  }

  async commit(): Promise<void> {
    try {
      this.#assertUnfinished();
      this.#check.finish();
      const fd = await this.#descriptor();
      const now = new Date();
      const modified = this.#modified === undefined || this.#modified > now ? now : this.#modified;
      await descriptor.setTimes(fd, now, modified);
      await descriptor.sync(fd);
      await this.#close();
      await this.#folder.publish(this.#path, this.#hex);
      this.#ended = true;
      this.#published(this.#folder.pathOf(this.#hex));
    } catch (error) {
      await this.cancel();
      throw storeError(error);
    }
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#opened === undefined) return;
    try {
      await this.#close().catch(() => undefined);
      await rm(this.#path, { force: true });
    } catch (error) {
      throw storeError(error);
    }
  }

  #descriptor(): Promise<number> {
    // "wx": a name that exists already would be another writer's file.
    this.#opened ??= descriptor.open(this.#path, 'wx');
    return this.#opened;
  }

  async #close(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined || this.#closed) return;
    this.#closed = true;
    await descriptor.close(await opened);
  }

  #assertUnfinished(): void {
    if (this.#ended) {
      throw new OakumError('OAK_INTERNAL', {
        detail: 'The content writer was committed or cancelled before.',
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}

import { OakumError } from '../../src/errors/oakum-error.ts';
import type {
  ContentStore,
  ContentWriter,
  ExpectedContent,
  ExpectedIntegrity,
  ListedContent,
  OpenOptions,
  StoredContent,
} from '../../src/content/content-store.ts';
import { DigestCheck } from '../../src/content/digest-check.ts';
import { digestHex } from '../../src/content/digest-hex.ts';
import { assertRange, notStored } from '../../src/content/store-error.ts';

const CHUNK_BYTES = 256 * 1024;

interface MemoryFile {
  readonly bytes: Buffer;
  readonly modified: Date;
}

/** A content store in memory. For tests only: nothing limits its size, and nothing outlives the process. */
export class MemoryContentStore implements ContentStore {
  readonly #files = new Map<string, MemoryFile>();
  readonly #quarantined = new Map<string, MemoryFile>();

  async stat(digest: Buffer): Promise<StoredContent | undefined> {
    const file = this.#files.get(digestHex(digest));
    return file === undefined ? undefined : { size: file.bytes.length, modified: file.modified };
  }

  async *open(
    digest: Buffer,
    start: number,
    end: number,
    options: OpenOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const { bytes } = this.#get(digestHex(digest));
    assertRange(start, end, bytes.length);
    // Lent chunks go through one buffer, as in a real store, so that a consumer who keeps them is found out.
    const lent = options.lend === true ? Buffer.alloc(CHUNK_BYTES) : undefined;
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, Math.min(at + CHUNK_BYTES, end));
      if (lent === undefined) {
        yield Buffer.from(chunk);
      } else {
        chunk.copy(lent);
        yield lent.subarray(0, chunk.length);
      }
    }
    lent?.fill(0);
  }

  writer(expected: ExpectedContent): ContentWriter {
    const hex = digestHex(expected.sha1);
    return new MemoryContentWriter(expected, (file) => this.#files.set(hex, file));
  }

  async *list(): AsyncGenerator<ListedContent> {
    for (const [hex, { bytes }] of this.#files) {
      yield { digest: Buffer.from(hex, 'hex'), size: bytes.length };
    }
  }

  async verify(digest: Buffer, expected: ExpectedIntegrity = {}): Promise<void> {
    const hex = digestHex(digest);
    const file = this.#get(hex);
    const check = new DigestCheck(digest, expected);
    try {
      check.update(file.bytes);
      check.finish();
    } catch (error) {
      this.#files.delete(hex);
      this.#quarantined.set(hex, file);
      throw error;
    }
  }

  async remove(digest: Buffer): Promise<void> {
    this.#files.delete(digestHex(digest));
  }

  #get(hex: string): MemoryFile {
    const file = this.#files.get(hex);
    if (file === undefined) throw notStored(hex);
    return file;
  }
}

class MemoryContentWriter implements ContentWriter {
  readonly #check: DigestCheck;
  readonly #modified: Date | undefined;
  readonly #publish: (file: MemoryFile) => void;
  #chunks: Buffer[] | undefined = [];

  constructor(expected: ExpectedContent, publish: (file: MemoryFile) => void) {
    this.#check = new DigestCheck(expected.sha1, expected);
    this.#modified = expected.modified;
    this.#publish = publish;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const chunks = this.#unfinished();
    this.#check.update(chunk);
    chunks.push(Buffer.from(chunk));
  }

  async commit(): Promise<void> {
    const chunks = this.#unfinished();
    this.#chunks = undefined;
    this.#check.finish();
    const now = new Date();
    const modified = this.#modified === undefined || this.#modified > now ? now : this.#modified;
    this.#publish({ bytes: Buffer.concat(chunks), modified });
  }

  async cancel(): Promise<void> {
    this.#chunks = undefined;
  }

  #unfinished(): Buffer[] {
    if (this.#chunks === undefined) {
      throw new OakumError('OAK_INTERNAL', {
        detail: 'The content writer was committed or cancelled before.',
      });
    }
    return this.#chunks;
  }
}

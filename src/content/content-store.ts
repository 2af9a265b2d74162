/**
 * The port to wherever the files of updates are kept. Files are addressed by their SHA-1 digest (20 bytes),
 * the only digest every `File` element of update metadata carries; SHA-256 is checked beside it wherever the
 * metadata names one. A stored file never changes: an address has one content for ever, or none.
 *
 * All adapters pass the same suite, `content-store.conformance.ts`. Every operation throws only OakumError:
 * OAK_CONTENT_DIGEST_INVALID for a digest that is not 20 bytes long, OAK_CONTENT_STORE when the medium
 * fails, and what is named at the operation.
 */
export interface ContentStore {
  /** What is known of a stored file without reading it, or undefined when it is not stored. */
  stat(digest: Buffer): Promise<StoredContent | undefined>;

  /**
   * The bytes from `start` (inclusive) to `end` (exclusive), read as they are asked for; nothing outside the
   * range is read. Opens nothing before the first chunk is asked for, and lets go of what it opened as soon as
   * the last chunk was taken or the consumer stopped early. Yields exactly `end - start` bytes in chunks of at
   * most 256 KiB (lent ones 512 KiB), or throws: OAK_CONTENT_NOT_FOUND, OAK_CONTENT_RANGE when the range is not inside the file,
   * OAK_CONTENT_STORE when the file turns out shorter than it was.
   *
   * A reader that has begun may finish its range although the file is removed or quarantined meanwhile.
   */
  open(digest: Buffer, start: number, end: number, options?: OpenOptions): AsyncIterable<Uint8Array>;

  /**
   * A writer for one new file. Nothing of it is visible before `commit` has succeeded. Any number of writers
   * may write the same digest at once; each verifies its own bytes, and the last commit stands, which is the
   * same content.
   */
  writer(expected: ExpectedContent): ContentWriter;

  /** Every stored file, in no promised order. Files added or removed meanwhile may or may not be seen. */
  list(): AsyncIterable<ListedContent>;

  /**
   * Reads a stored file completely and compares it with its digest and with what is expected besides. On a
   * mismatch the file is quarantined (never served again, kept for inspection) and
   * OAK_CONTENT_DIGEST_MISMATCH is thrown with all the values. OAK_CONTENT_NOT_FOUND when it is not stored.
   */
  verify(digest: Buffer, expected?: ExpectedIntegrity): Promise<void>;

  /** Deletes a stored file; quietly does nothing when it is not stored. */
  remove(digest: Buffer): Promise<void>;
}

/** One new file on its way in. Await each call before the next; end with `commit` or `cancel`. */
export interface ContentWriter {
  /**
   * Appends bytes; they must not change until the promise settles. More bytes than the expected size are
   * refused at once (OAK_CONTENT_DIGEST_MISMATCH): a source that never stops must not fill the medium.
   */
  write(chunk: Uint8Array): Promise<void>;

  /**
   * Verifies size, SHA-1 and, where expected, SHA-256, makes the file durable and only then visible.
   * When it returns, the file survives a power cut. On OAK_CONTENT_DIGEST_MISMATCH nothing is kept.
   */
  commit(): Promise<void>;

  /** Gives the file up and leaves nothing behind. After `commit`, or a second time, it does nothing, so it fits a `finally`. */
  cancel(): Promise<void>;
}

export interface StoredContent {
  /** Bytes. */
  readonly size: number;
  /** The time for Last-Modified. */
  readonly modified: Date;
}

export interface ListedContent {
  readonly digest: Buffer;
  /** Bytes. */
  readonly size: number;
}

/** What metadata says of a file besides its address. Absent members are not checked. */
export interface ExpectedIntegrity {
  /** 32 bytes; `AdditionalDigest` with Algorithm SHA256. */
  readonly sha256?: Buffer;
  /** Bytes; `File/@Size`. */
  readonly size?: number;
}

export interface ExpectedContent extends ExpectedIntegrity {
  /** 20 bytes; `File/@Digest`. Becomes the address. */
  readonly sha1: Buffer;
  /**
   * `File/@Modified`, for Last-Modified: servers that fetched the same file at different times then answer with
   * the same date, which downloaders that resume want. Default and upper bound is the time of the commit
   * (RFC 9110 8.8.2.1 forbids a Last-Modified in the future).
   */
  readonly modified?: Date;
}

export interface OpenOptions {
  /**
   * True lends the chunks: each is valid only until the next one is asked for or the iteration ends, and is
   * overwritten afterwards. Saves an allocation per chunk, measured at +45 % throughput for ranges of 1 MiB, and
   * allows larger ones. Without it every chunk belongs to the consumer.
   */
  readonly lend?: boolean;
}

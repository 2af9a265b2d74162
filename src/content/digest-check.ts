import { createHash } from 'node:crypto';
import { OakumError } from '../errors/oakum-error.ts';
import type { ExpectedIntegrity } from './content-store.ts';
import { digestHex } from './digest-hex.ts';

/**
 * Counts and hashes the bytes of one file and compares them with what its metadata says. Adapters share it, so
 * that no adapter can check less than another.
 */
export class DigestCheck {
  readonly #hex: string;
  readonly #expected: ExpectedIntegrity;
  readonly #sha1 = createHash('sha1');
  /** Only where it is expected: a second hash halves the speed of writing. */
  readonly #sha256;
  #size = 0;

  /** @throws OakumError OAK_CONTENT_DIGEST_INVALID when `sha1` is not 20 bytes long. */
  constructor(sha1: Buffer, expected: ExpectedIntegrity) {
    this.#hex = digestHex(sha1);
    this.#expected = expected;
    this.#sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  }

  /** Bytes counted so far. */
  get size(): number {
    return this.#size;
  }

  /** @throws OakumError OAK_CONTENT_DIGEST_MISMATCH as soon as there are more bytes than expected. */
  update(chunk: Uint8Array): void {
    const { size } = this.#expected;
    if (size !== undefined && this.#size + chunk.length > size) {
      throw new OakumError('OAK_CONTENT_DIGEST_MISMATCH', {
        detail: `File ${this.#hex} has more than the expected ${size} bytes.`,
      });
    }
    this.#sha1.update(chunk);
    this.#sha256?.update(chunk);
    this.#size += chunk.length;
  }

  /**
   * Compares everything; may be called once.
   *
   * @throws OakumError OAK_CONTENT_DIGEST_MISMATCH naming expected and found values of all that differ.
   */
  finish(): void {
    const { size, sha256 } = this.#expected;
    const differences: string[] = [];
    const compare = (what: string, expected: string, found: string): void => {
      if (expected !== found) differences.push(`${what} expected ${expected}, found ${found}`);
    };
    if (size !== undefined) compare('size', String(size), String(this.#size));
    compare('SHA-1', this.#hex, upperHex(this.#sha1.digest()));
    if (sha256 !== undefined && this.#sha256 !== undefined) {
      compare('SHA-256', upperHex(sha256), upperHex(this.#sha256.digest()));
    }
    if (differences.length > 0) {
      throw new OakumError('OAK_CONTENT_DIGEST_MISMATCH', {
        detail: `File ${this.#hex}: ${differences.join('; ')}.`,
      });
    }
  }
}

function upperHex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import { Buffer } from 'node:buffer';

/** A sealing key. Ids and secrets are random; nothing about them is a constant of the product. */
export interface SealingKey {
  readonly id: number;
  readonly createdMs: number;
  /** 32 bytes. */
  readonly secret: Buffer;
}

const VERSION = 1;
const HEADER_BYTES = 6;
const IV_BYTES = 12;
const TAG_BYTES = 16;

// Asking the system for random bytes costs as much as sealing: it is asked for many nonces at once.
const nonces = Buffer.alloc(IV_BYTES * 256);
let nonceAt = nonces.length;

function nextNonce(): Buffer {
  if (nonceAt === nonces.length) {
    randomFillSync(nonces);
    nonceAt = 0;
  }
  return nonces.subarray(nonceAt, (nonceAt += IV_BYTES));
}

/** Makes a key with an id that none of the others has. */
export function createSealingKey(others: readonly SealingKey[], nowMs: number): SealingKey {
  for (;;) {
    const id = randomBytes(4).readUInt32LE(0);
    if (!others.some((key) => key.id === id)) return { id, createdMs: nowMs, secret: randomBytes(32) };
  }
}

/**
 * Seals and opens small secrets with AES-256-GCM. The newest key seals, every key opens: that is how keys
 * rotate without a client noticing.
 *
 * Format: version (1 byte), purpose (1), key id (4, little-endian), all authenticated; nonce (12),
 * ciphertext, tag (16).
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<number, SealingKey>;
  readonly #newest: SealingKey;

  constructor(keys: readonly SealingKey[]) {
    const [first, ...rest] = keys;
    if (first === undefined) throw new TypeError('a key ring needs a key');
    this.#newest = rest.reduce((newest, key) => (key.createdMs > newest.createdMs ? key : newest), first);
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  seal(purpose: number, plain: Buffer): Buffer {
    const sealed = Buffer.allocUnsafe(HEADER_BYTES + IV_BYTES + plain.length + TAG_BYTES);
    sealed[0] = VERSION;
    sealed[1] = purpose;
    sealed.writeUInt32LE(this.#newest.id, 2);
    const iv = nextNonce();
    sealed.set(iv, HEADER_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#newest.secret, iv);
    cipher.setAAD(sealed.subarray(0, HEADER_BYTES));
    sealed.set(cipher.update(plain), HEADER_BYTES + IV_BYTES);
    cipher.final();
    sealed.set(cipher.getAuthTag(), sealed.length - TAG_BYTES);
    return sealed;
  }

  /** Whether bytes that this ring has opened were sealed with the key it seals with now. */
  isCurrent(sealed: Uint8Array): boolean {
    const { id } = this.#newest;
    return [0, 1, 2, 3].every((byte) => sealed[2 + byte] === ((id >>> (8 * byte)) & 0xff));
  }

  /** The sealed bytes; undefined for anything that this ring did not seal for this purpose. */
  open(purpose: number, sealed: Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < HEADER_BYTES + IV_BYTES + TAG_BYTES) return undefined;
    if (bytes[0] !== VERSION || bytes[1] !== purpose) return undefined;
    const key = this.#keys.get(bytes.readUInt32LE(2));
    if (key === undefined) return undefined;
    const bodyStart = HEADER_BYTES + IV_BYTES;
    const tagStart = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(HEADER_BYTES, bodyStart), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bytes.subarray(0, HEADER_BYTES));
    decipher.setAuthTag(bytes.subarray(tagStart));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(bodyStart, tagStart)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

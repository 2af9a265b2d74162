import { Buffer } from 'node:buffer';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OakumError } from '../errors/oakum-error.ts';
import { holdProcessLock } from '../store/process-lock.ts';
import { createSealingKey, KeyRing, type SealingKey } from '../services/cookies/key-ring.ts';

const KEYS_KEPT = 24;
/** Held while the file is made or a key added: of two that do it at once one would lose the key it seals with. */
const LOCK = 'keys.lock';
const CREATION_ATTEMPTS = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The keys that seal cookies, in a file that only its owner may read. Other processes may rotate them, so
 * the file is looked at again by {@link refresh}.
 */
export class KeyFile {
  readonly #dataFolder: string;
  readonly #path: string;
  #keys: readonly SealingKey[] = [];
  #version = '';
  ring: KeyRing;

  /**
   * Opens the file, or creates it with a first random key.
   *
   * @throws OakumError OAK_KEYS_UNUSABLE, OAK_FILE_UNWRITABLE
   */
  constructor(dataFolder: string, nowMs: number) {
    this.#dataFolder = dataFolder;
    this.#path = join(dataFolder, 'keys.json');
    this.#createIfMissing(nowMs);
    this.ring = new KeyRing(this.#read());
  }

  /**
   * Adopts what another process wrote; makes a new key when the newest is older than allowed, and a new
   * file when somebody deleted it to make all cookies invalid.
   */
  refresh(nowMs: number, rotationDays: number): void {
    this.#createIfMissing(nowMs);
    if (this.#versionNow() !== this.#version) this.ring = new KeyRing(this.#read());
    const newest = Math.max(...this.#keys.map((key) => key.createdMs));
    if (nowMs - newest < rotationDays * DAY_MS) return;
    // Another process may be at it, or have done it just now: its key is adopted the next time.
    using lock = holdProcessLock(this.#dataFolder, LOCK);
    if (lock === undefined || this.#versionNow() !== this.#version) return;
    this.rotate(nowMs);
  }

  /** Makes a new key. The oldest are forgotten, which costs clients that were away that long one handshake. */
  rotate(nowMs: number): void {
    const keys = [...this.#read()].sort((one, other) => other.createdMs - one.createdMs);
    this.#write([createSealingKey(keys, nowMs), ...keys].slice(0, KEYS_KEPT));
    this.ring = new KeyRing(this.#read());
  }

  #createIfMissing(nowMs: number): void {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let attempt = 0; attempt < CREATION_ATTEMPTS && !existsSync(this.#path); attempt++) {
      using lock = holdProcessLock(this.#dataFolder, LOCK);
      if (lock === undefined) Atomics.wait(pause, 0, 0, 20);
      else if (!existsSync(this.#path)) this.#write([createSealingKey([], nowMs)]);
    }
  }

  // The time alone would miss a file written in the same tick of the file system's clock.
  #versionNow(): string {
    const { ino, size, mtimeMs } = statSync(this.#path);
    return `${ino} ${size} ${mtimeMs}`;
  }

  #read(): readonly SealingKey[] {
    try {
      this.#version = this.#versionNow();
      this.#keys = parseKeys(JSON.parse(readFileSync(this.#path, 'utf8')));
      return this.#keys;
    } catch (cause) {
      // The parser quotes what it stumbles over, and here that would be a key.
      const reason = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message;
      throw new OakumError('OAK_KEYS_UNUSABLE', { detail: `${this.#path}: ${reason}.` });
    }
  }

  // Written aside and renamed: a crash leaves the old file or the new one, never half of one.
  #write(keys: readonly SealingKey[]): void {
    const text = JSON.stringify({
      keys: keys.map((key) => ({ ...key, secret: key.secret.toString('base64') })),
    });
    const aside = `${this.#path}.new`;
    try {
      writeFileSync(aside, `${text}\n`, { mode: 0o600, flush: true });
      chmodSync(aside, 0o600);
      renameSync(aside, this.#path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OakumError('OAK_FILE_UNWRITABLE', { detail: `${reason}.`, cause });
    }
  }
}

function parseKeys(file: unknown): readonly SealingKey[] {
  const keys = isObject(file) ? file.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('it holds no list of keys');
  if (keys.length === 0) throw new Error('it holds no key');
  return keys.map(parseKey);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function parseKey(entry: unknown): SealingKey {
  if (!isObject(entry)) throw new Error('an entry is not a key');
  const secret = Buffer.from(String(entry.secret), 'base64');
  if (typeof entry.id !== 'number' || typeof entry.createdMs !== 'number' || secret.length !== 32) {
    throw new Error('an entry is not a key');
  }
  return { id: entry.id, createdMs: entry.createdMs, secret };
}

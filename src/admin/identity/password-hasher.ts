import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { OakumError } from '../../errors/oakum-error.ts';

/** What a password costs whoever tries to guess it. */
export interface PasswordCost {
  readonly memoryKibibytes: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Makes and checks what is stored of passwords. */
export interface PasswordHasher {
  /** A PHC string of argon2id with a salt of its own. */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the one that was hashed. Without a hash the same work is done for nothing, so that the time
   * does not tell whether there is an account.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether a hash was made at a lower cost than hashes are made now. */
  isOutdated(hash: string): boolean;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each takes a thread of the four that file access and name resolution need, too. */
const AT_ONCE = 2;
/** Beyond this many the last would wait longer than its client. */
const WAITING = 100;
/** What a stored hash may make the server do. */
const MOST: PasswordCost = { memoryKibibytes: 1_048_576, passes: 64, lanes: 64 };

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const derive = promisify(argon2);

/**
 * Argon2id (RFC 9106), by default with 64 MiB and three passes, about a fifth of a second: above the least that
 * OWASP recommends (19 MiB, two passes), below what would let a few sign-ins exhaust a small machine.
 */
export function createPasswordHasher(
  cost: PasswordCost = { memoryKibibytes: 65_536, passes: 3, lanes: 1 },
): PasswordHasher {
  const gate = new Gate();
  const nobody: Phc = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  const compute = (password: string, salt: Buffer, at: PasswordCost, bytes: number): Promise<Buffer> =>
    gate.pass(() =>
      derive('argon2id', {
        message: normalized(password),
        nonce: salt,
        parallelism: at.lanes,
        tagLength: bytes,
        memory: at.memoryKibibytes,
        passes: at.passes,
      }),
    );
  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      return phcText({ cost, salt, hash: await compute(password, salt, cost, HASH_BYTES) });
    },
    verify: async (password, text) => {
      const known = text === null ? undefined : parsePhc(text);
      const { salt, cost: at, hash } = known ?? nobody;
      const found = await compute(password, salt, at, hash.length);
      return timingSafeEqual(found, hash) && known !== undefined;
    },
    isOutdated: (text) => {
      const known = parsePhc(text)?.cost;
      return (
        known === undefined || known.memoryKibibytes < cost.memoryKibibytes || known.passes < cost.passes
      );
    },
  };
}

/** One password is many byte sequences, depending on the keyboard: NFKC makes them one. */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

interface Phc {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function phcText({ cost, salt, hash }: Phc): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  const { memoryKibibytes, passes, lanes } = cost;
  return `$argon2id$v=19$m=${memoryKibibytes},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`;
}

function parsePhc(text: string): Phc | undefined {
  const [, memory, passes, lanes, salt = '', hash = ''] = PHC.exec(text) ?? [];
  const cost = { memoryKibibytes: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const isSane =
    cost.lanes >= 1 &&
    cost.lanes <= MOST.lanes &&
    cost.passes >= 1 &&
    cost.passes <= MOST.passes &&
    cost.memoryKibibytes >= 8 * cost.lanes &&
    cost.memoryKibibytes <= MOST.memoryKibibytes;
  if (!isSane) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** Lets few pass at once: each takes memory and a processor, and anybody may knock. */
class Gate {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws OakumError OAK_SIGN_IN_THROTTLED when too many wait */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) {
        throw new OakumError('OAK_SIGN_IN_THROTTLED', { detail: 'Too many sign in at once.' });
      }
      // Whoever leaves hands the place over, so that nobody who comes meanwhile takes it.
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else {
      this.#inside++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}

/** The hasher of this process. */
export const PASSWORDS: PasswordHasher = createPasswordHasher();

import { isIPv6 } from 'node:net';
import { OakumError } from '../../errors/oakum-error.ts';
import { accountNameKey } from '../../store/accounts.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import {
  deleteAttempts,
  putAttempts,
  readAttempts,
  trimAttempts,
  type SignInAttempts,
} from '../../store/sign-in-attempts.ts';
import { inTransaction } from '../dry-run.ts';
import { secretHash } from './secrets.ts';

/** How attempts of one kind are slowed down. */
interface Brake {
  /** So many may fail at full speed. Each one more doubles the wait, from one second. */
  readonly free: number;
  readonly mostWaitMs: number;
  /** One failure is forgiven whenever so much time has passed. */
  readonly forgivenAfterMs: number;
}

/**
 * By name, the wait has an end after some minutes, so that nobody can lock somebody else out; it still leaves a
 * guesser fewer than 300 attempts a day. An address may be a whole office.
 */
const BY_NAME: Brake = { free: 5, mostWaitMs: 5 * 60_000, forgivenAfterMs: 10 * 60_000 };
const BY_ADDRESS: Brake = { free: 20, mostWaitMs: 15 * 60_000, forgivenAfterMs: 60_000 };

const REMEMBERED_MS = 24 * 60 * 60_000;
const ROWS = 10_000;

export interface Attempt {
  readonly name: string;
  /** Where it comes from. */
  readonly address: string;
  readonly nowMs: number;
}

/**
 * Counts an attempt to sign in as failed, before it is looked at: of many that come at once, only those that are free
 * are looked at. {@link forgiveAttempt} takes it back.
 *
 * @throws OakumError OAK_SIGN_IN_THROTTLED with the time from which the next one is welcome; it is not counted
 */
export function noteAttempt(db: DbOrTx, attempt: Attempt): Promise<void> {
  const { nowMs } = attempt;
  return inTransaction(db, false, async (tx) => {
    const keys = keysOf(attempt);
    const known = await Promise.all(keys.map(({ key }) => readAttempts(tx, key)));
    const untilMs = Math.max(0, ...known.map((one) => one?.blockedUntilMs ?? 0));
    if (untilMs > nowMs) {
      const seconds = Math.ceil((untilMs - nowMs) / 1000);
      throw new OakumError('OAK_SIGN_IN_THROTTLED', {
        detail: `The next attempt is welcome in ${seconds} s, at ${new Date(untilMs).toISOString()}.`,
      });
    }
    for (const [index, { key, brake }] of keys.entries()) {
      await putAttempts(tx, key, oneMore(known[index], brake, nowMs));
    }
    await trimAttempts(tx, nowMs - REMEMBERED_MS, ROWS);
  });
}

/**
 * Takes an attempt back that succeeded. What others did from the same address stays counted: an account of one's own
 * is no way to clear it.
 */
export async function forgiveAttempt(tx: Tx, attempt: Attempt): Promise<void> {
  await forgiveName(tx, attempt.name);
  const key = addressKey(attempt.address);
  const known = await readAttempts(tx, key);
  if (known === undefined) return;
  const failures = known.failures - 1;
  if (failures <= 0) await deleteAttempts(tx, key);
  else await putAttempts(tx, key, { ...known, failures, blockedUntilMs: 0 });
}

/** Lets somebody try again at once. */
export async function forgiveName(tx: Tx, name: string): Promise<void> {
  await deleteAttempts(tx, nameKey(name));
}

function oneMore(known: SignInAttempts | undefined, brake: Brake, nowMs: number): SignInAttempts {
  const forgiven =
    known === undefined ? 0 : Math.max(0, Math.floor((nowMs - known.lastMs) / brake.forgivenAfterMs));
  const failures = Math.max(0, (known?.failures ?? 0) - forgiven) + 1;
  const over = failures - brake.free;
  const waitMs = over <= 0 ? 0 : Math.min(brake.mostWaitMs, 1000 * 2 ** Math.min(over - 1, 30));
  return { failures, lastMs: nowMs, blockedUntilMs: waitMs === 0 ? 0 : nowMs + waitMs };
}

function keysOf({ name, address }: Attempt): { readonly key: Buffer; readonly brake: Brake }[] {
  return [
    { key: nameKey(name), brake: BY_NAME },
    { key: addressKey(address), brake: BY_ADDRESS },
  ];
}

function nameKey(name: string): Buffer {
  return secretHash(`name ${accountNameKey(name.trim())}`);
}

function addressKey(address: string): Buffer {
  return secretHash(`address ${networkOf(address)}`);
}

/** Somebody who has one IPv6 address has 2^64 of them: such are counted by their network. */
function networkOf(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? plain;
  const [before = '', after = ''] = plain.split('::');
  const head = before.split(':').filter(Boolean);
  const tail = after.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...(plain.includes('::') ? zeros : []), ...tail]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':');
}

import type { Buffer } from 'node:buffer';
import { RecentMap } from '../../fleet/recent-map.ts';
import type { KeyRing } from './key-ring.ts';

/** Cookies that are remembered with their sealed form, of each kind. */
const COOKIES_KEPT = 4096;

/**
 * Cookies by what they were sealed to. A client shows the same cookie in each of the five calls of a scan, and
 * opening it costs as much as everything else about a short call. What is remembered belongs to a ring, and goes
 * with it when a key is added or taken away.
 */
export class SealedMemory<Cookie> {
  readonly #byRing = new WeakMap<KeyRing, RecentMap<Cookie>>();

  find(keys: KeyRing, sealed: Buffer): Cookie | undefined {
    return this.#byRing.get(keys)?.get(sealed.toString('latin1'));
  }

  /** Remembers a cookie that this ring has sealed or opened. */
  remember(keys: KeyRing, sealed: Buffer, cookie: Cookie): void {
    const cookies = this.#byRing.get(keys) ?? new RecentMap<Cookie>(COOKIES_KEPT);
    this.#byRing.set(keys, cookies);
    cookies.set(sealed.toString('latin1'), cookie);
  }
}

import { Buffer } from 'node:buffer';
import type { DateTime } from '../../src/soap/simple-type.ts';
import { Random } from '../../src/synthetic/random.ts';
import type { WireCookie } from './request-body.ts';
import { COOKIE_SECONDS } from './scenario.ts';

/** A stream of its own, see arrivals. */
const IMAGE_STREAM = 3;

/**
 * What the scripted computers remember between scans: the number of an image, a cookie once they have one,
 * and the ids that came since the image was taken. About half a kilobyte for a computer that has scanned
 * and nothing for the others, so that 100,000 of them fit anywhere.
 */
export class ComputerPopulation {
  readonly #images: number;
  readonly #seed: number;
  // As text: a Buffer each would cost as much again as its bytes.
  readonly #cookies = new Map<number, { readonly text: string; readonly bornSeconds: number }>();
  readonly #sinceImage = new Map<number, Uint32Array>();

  constructor(seed: number, images: number) {
    this.#seed = seed;
    this.#images = images;
  }

  imageOf(computer: number): number {
    return new Random(this.#seed, IMAGE_STREAM, computer).below(this.#images);
  }

  /** The cookie, unless it is older than agents let it get. Times are simulated seconds. */
  cookie(computer: number, nowSeconds: number): WireCookie | undefined {
    const held = this.#cookies.get(computer);
    if (held === undefined || nowSeconds - held.bornSeconds >= COOKIE_SECONDS) return undefined;
    return cookieOf(held.text);
  }

  /**
   * The last cookie, however old: what a computer shows when it asks for a new one, so that it is not told
   * again what it was told before. A computer that has not scanned in this run has none.
   */
  lastCookie(computer: number): WireCookie | undefined {
    const held = this.#cookies.get(computer);
    return held && cookieOf(held.text);
  }

  /** A cookie of the handshake. */
  giveCookie(computer: number, cookie: WireCookie, bornSeconds: number): void {
    this.#cookies.set(computer, { text: textOf(cookie), bornSeconds });
  }

  /** A cookie that came with an answer: other bytes, the same lifetime. */
  replaceCookie(computer: number, cookie: WireCookie): void {
    const held = this.#cookies.get(computer);
    if (held !== undefined) this.giveCookie(computer, cookie, held.bornSeconds);
  }

  forgetCookie(computer: number): void {
    this.#cookies.delete(computer);
  }

  /** Leaf revisions that came since the image was taken, ascending. */
  idsSinceImage(computer: number): Uint32Array {
    return this.#sinceImage.get(computer) ?? new Uint32Array();
  }

  keepSinceImage(computer: number, ids: readonly number[]): void {
    if (ids.length === 0) this.#sinceImage.delete(computer);
    else this.#sinceImage.set(computer, Uint32Array.from(ids));
  }
}

function cookieOf(text: string): WireCookie {
  const [expiration, data] = text.split(' ');
  return { Expiration: expiration as DateTime, EncryptedData: Buffer.from(data, 'base64') };
}

function textOf(cookie: WireCookie): string {
  return `${cookie.Expiration} ${cookie.EncryptedData.toString('base64')}`;
}

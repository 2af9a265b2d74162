import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** A secret that nobody guesses: 32 random bytes, base64url. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * What is stored of a secret, and looked for. Secrets of this server have 256 random bits, so that there is nothing
 * to try out and one SHA-256 is enough; only passwords, which people choose, need a slow hash. As what is compared
 * is the hash, the time a lookup takes tells nothing about the secret.
 */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

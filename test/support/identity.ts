import { createPasswordHasher, type PasswordHasher } from '../../src/admin/identity/password-hasher.ts';
import { TOTP, Secret } from 'otpauth';

/** As cheap as argon2id can be: no test is about what a password costs. */
export const CHEAP_PASSWORDS: PasswordHasher = createPasswordHasher({
  memoryKibibytes: 8,
  passes: 1,
  lanes: 1,
});

/** Counts how often a password is checked, and whether against one that is there. */
export class CountingPasswords implements PasswordHasher {
  readonly checked: ('known' | 'unknown')[] = [];

  hash(password: string): Promise<string> {
    return CHEAP_PASSWORDS.hash(password);
  }

  verify(password: string, hash: string | null): Promise<boolean> {
    this.checked.push(hash === null ? 'unknown' : 'known');
    return CHEAP_PASSWORDS.verify(password, hash);
  }

  isOutdated(hash: string): boolean {
    return CHEAP_PASSWORDS.isOutdated(hash);
  }
}

/** What an authenticator with this secret shows at a time. */
export function codeAt(secret: string, nowMs: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: nowMs });
}

import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** Clocks of authenticators may be one step off. */
const STEPS_OFF = 1;

/** A secret for an authenticator, in Base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an authenticator reads, usually as a picture: an `otpauth://` URI. It holds the secret. */
export function totpUri(secret: string, accountName: string): string {
  return totp(secret, accountName).toString();
}

/**
 * The time step (RFC 6238) whose code somebody has typed, or undefined when it is none of this moment. Each may be
 * used once: whoever asks must keep the last.
 */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  const digits = code.replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const off = totp(secret).validate({ token: digits, timestamp: nowMs, window: STEPS_OFF });
  return off === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + off;
}

function totp(secret: string, label = ''): TOTP {
  return new TOTP({
    issuer: 'Oakum',
    label,
    algorithm: 'SHA1',
    digits: DIGITS,
    period: PERIOD_SECONDS,
    secret: Secret.fromBase32(secret),
  });
}

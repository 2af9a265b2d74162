import { OakumError } from '../../errors/oakum-error.ts';
import { takeTotpStep, type Account } from '../../store/accounts.ts';
import type { Tx } from '../../store/schema.ts';
import { totpStep } from './totp.ts';

/**
 * Asks for the code of an account that has a second factor, and uses it up.
 *
 * @throws OakumError OAK_TOTP_REQUIRED when none was sent, OAK_SIGN_IN_FAILED when it is wrong or was used
 */
export async function requireSecondFactor(
  tx: Tx,
  account: Pick<Account, 'id' | 'totpSecret'>,
  code: string | undefined,
  nowMs: number,
): Promise<void> {
  if (account.totpSecret === null) return;
  if (code === undefined || code.trim() === '') throw new OakumError('OAK_TOTP_REQUIRED');
  const step = totpStep(account.totpSecret, code, nowMs);
  if (step === undefined || !(await takeTotpStep(tx, account.id, step))) {
    throw new OakumError('OAK_SIGN_IN_FAILED');
  }
}

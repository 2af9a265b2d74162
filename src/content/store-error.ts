import { OakumError } from '../errors/oakum-error.ts';

/**
 * Turns what the system reports into OAK_CONTENT_STORE, naming the system's error code and no path (the message
 * may reach the administrator's browser; the cause, with the path, stays in the log). An OakumError passes; anything
 * else is a fault of Oakum itself.
 */
export function storeError(error: unknown): OakumError {
  if (error instanceof OakumError) return error;
  const code = systemCode(error);
  if (code === undefined) return new OakumError('OAK_INTERNAL', { cause: error });
  return new OakumError('OAK_CONTENT_STORE', { detail: `The system reports ${code}.`, cause: error });
}

/** True for "no such file", the one system error that is an answer. */
export function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The error for a digest that is not stored. */
export function notStored(hex: string): OakumError {
  return new OakumError('OAK_CONTENT_NOT_FOUND', { detail: `Digest ${hex}.` });
}

/** @throws OakumError OAK_CONTENT_RANGE unless 0 <= start <= end <= size. */
export function assertRange(start: number, end: number, size: number): void {
  if (start >= 0 && start <= end && end <= size) return;
  throw new OakumError('OAK_CONTENT_RANGE', { detail: `Bytes ${start} to ${end} of ${size}.` });
}

/** The code of an error that a system call returned, such as ENOSPC. */
function systemCode(error: unknown): string | undefined {
  const isSystemError =
    error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
  return isSystemError ? String(error.code) : undefined;
}

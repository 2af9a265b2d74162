import { OakumError } from '../../errors/oakum-error.ts';

/** A part of a backup that is not what the manifest says. */
export function damaged(path: string, reason: string, cause?: unknown): OakumError {
  return new OakumError('OAK_BACKUP_DAMAGED', { detail: `${path}: ${reason}.`, cause });
}

/** Runs something that writes files; what the system says against it becomes OAK_FILE_UNWRITABLE. */
export async function writing<T>(task: () => Promise<T> | T): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    if (!isSystemError) throw cause;
    throw new OakumError('OAK_FILE_UNWRITABLE', { detail: `${cause.message}.`, cause });
  }
}

import { OakumError } from '../../errors/oakum-error.ts';

/** @param offset of the first byte that is wrong, counted in the unpacked text, as UTF-8 */
export const invalidExport = (offset: number, detail: string, cause?: unknown): OakumError =>
  new OakumError('OAK_EXPORT_INVALID', { detail: `At byte ${offset} of its text: ${detail}`, cause });

export const exportOverLimit = (detail: string): OakumError => new OakumError('OAK_EXPORT_LIMIT', { detail });

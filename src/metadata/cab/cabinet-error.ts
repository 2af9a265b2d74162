import { OakumError } from '../../errors/oakum-error.ts';

/** For every contradiction, damage or end that comes too early in a cabinet. */
export const invalidCabinet = (detail: string): OakumError =>
  new OakumError('OAK_CABINET_INVALID', { detail });

/** For what the format knows and this reader does not. */
export const unsupportedCabinet = (detail: string): OakumError =>
  new OakumError('OAK_CABINET_UNSUPPORTED', { detail });

/** For what is larger than the caller allows. */
export const cabinetOverLimit = (detail: string): OakumError =>
  new OakumError('OAK_CABINET_LIMIT', { detail });

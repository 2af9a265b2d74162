import { OakumError } from '../../src/errors/oakum-error.ts';

/** What a call raises, as `CODE` or `CODE at parameter`; 'nothing' if it returns. Other errors pass through. */
export function raised(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    return error.parameter === undefined ? error.code : `${error.code} at ${error.parameter}`;
  }
  return 'nothing';
}

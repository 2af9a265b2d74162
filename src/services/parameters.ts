import { OakumError } from '../errors/oakum-error.ts';

/** The fault for a parameter that is missing or not allowed; clients are told its path. */
export function invalidParameter(path: string, detail?: string): OakumError {
  return new OakumError('OAK_SOAP_PARAMETER', { parameter: path, detail: detail ?? `See "${path}".` });
}

/** The value, or InvalidParameters when the caller left it out or nilled it. */
export function present<T>(value: T | null | undefined, path: string): T {
  if (value === null || value === undefined) throw invalidParameter(path, `"${path}" is missing.`);
  return value;
}

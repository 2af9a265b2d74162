import type { ErrorCode } from '../errors/catalogue.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';

const NAME = /^[^\p{Cc}]{1,100}$/u;

/** A name that a rule or ring may have. @throws OakumError with the code given */
export function ruleName(name: string, code: ErrorCode = 'OAK_RULE_INVALID'): string {
  const trimmed = name.trim();
  if (!NAME.test(trimmed))
    throw new OakumError(code, { detail: `"${name}" is no name: use 1 to 100 characters.` });
  return trimmed;
}

/** The one of this name. @throws OakumError with the code given and the nearest name */
export function byName<T extends { readonly name: string }>(
  all: readonly T[],
  name: string,
  code: ErrorCode,
): T {
  const wanted = name.trim().toLowerCase();
  const found = all.find((one) => one.name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const nearest = nearestName(
    name,
    all.map((one) => one.name),
  );
  throw new OakumError(code, {
    detail: `"${name}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

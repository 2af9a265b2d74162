import { ROLES, type Role } from './roles.ts';

/** What a provider says about somebody. */
export type Claims = Readonly<Record<string, unknown>>;

const MOST_VALUES = 1000;

/**
 * The highest role that a claim stands for.
 *
 * @returns undefined when it stands for none: nobody gets in by default
 */
export function roleOf(
  claims: Claims,
  claim: string,
  values: Readonly<Record<Role, readonly string[]>>,
): Role | undefined {
  const found = textsOf(claimAt(claims, claim));
  return ROLES.toReversed().find((role) => values[role].some((value) => found.includes(value)));
}

/** Whether a claim is there at all, whatever it says. */
export function hasClaim(claims: Claims, claim: string): boolean {
  return claimAt(claims, claim) !== undefined;
}

/** The first text that one of these claims is. */
export function textClaim(claims: Claims, ...names: readonly string[]): string | undefined {
  return names
    .map((name) => claimAt(claims, name))
    .find((value): value is string => typeof value === 'string');
}

/** By its whole name, which may hold dots when it is a URL, else step by step: `realm_access.roles`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Claims)[part];
  }
  return at;
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_VALUES).filter((one): one is string => typeof one === 'string');
}

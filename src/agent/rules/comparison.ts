import { nextDottedVersion, previousDottedVersion, type DottedVersion } from '../machine/dotted-version.ts';

export const SCALAR_COMPARISONS = [
  'LessThan',
  'LessThanOrEqualTo',
  'EqualTo',
  'GreaterThanOrEqualTo',
  'GreaterThan',
] as const;
export type ScalarComparison = (typeof SCALAR_COMPARISONS)[number];

export const STRING_COMPARISONS = ['EqualTo', 'BeginsWith', 'Contains', 'EndsWith'] as const;
export type StringComparison = (typeof STRING_COMPARISONS)[number];

/**
 * Whether a comparison holds between two values.
 *
 * @param order negative, zero or positive, as the value on the machine is below, equal to or above the rule's
 */
export function holdsFor(comparison: ScalarComparison, order: number): boolean {
  switch (comparison) {
    case 'LessThan':
      return order < 0;
    case 'LessThanOrEqualTo':
      return order <= 0;
    case 'EqualTo':
      return order === 0;
    case 'GreaterThanOrEqualTo':
      return order >= 0;
    case 'GreaterThan':
      return order > 0;
  }
}

/** Compares text as rules do: letter case does not count. */
export function textHolds(comparison: StringComparison, found: string, expected: string): boolean {
  const text = found.toLowerCase();
  const other = expected.toLowerCase();
  switch (comparison) {
    case 'EqualTo':
      return text === other;
    case 'BeginsWith':
      return text.startsWith(other);
    case 'Contains':
      return text.includes(other);
    case 'EndsWith':
      return text.endsWith(other);
  }
}

/** Which side of the rule's value a satisfying value is on. */
const SIDES: Readonly<
  Record<ScalarComparison, { readonly true: readonly number[]; readonly false: readonly number[] }>
> = {
  LessThan: { true: [-1], false: [0, 1] },
  LessThanOrEqualTo: { true: [0, -1], false: [1] },
  EqualTo: { true: [0], false: [1, -1] },
  GreaterThanOrEqualTo: { true: [0, 1], false: [-1] },
  GreaterThan: { true: [1], false: [0, -1] },
};

/** Whole numbers for which a comparison with `expected` comes out as wanted, the likeliest first. */
export function satisfyingNumbers(
  comparison: ScalarComparison,
  expected: number,
  wanted: boolean,
  maximum: number,
): number[] {
  return SIDES[comparison][wanted ? 'true' : 'false']
    .map((side) => expected + side)
    .filter((value) => value >= 0 && value <= maximum);
}

/** The same for versions. */
export function satisfyingVersions(
  comparison: ScalarComparison,
  expected: DottedVersion,
  wanted: boolean,
): DottedVersion[] {
  return SIDES[comparison][wanted ? 'true' : 'false'].flatMap((side) => {
    if (side === 0) return [expected];
    const version = side > 0 ? nextDottedVersion(expected) : previousDottedVersion(expected);
    return version === undefined ? [] : [version];
  });
}

/** Text for which a comparison with `expected` comes out as wanted. */
export function satisfyingTexts(comparison: StringComparison, expected: string, wanted: boolean): string[] {
  if (wanted) return [expected];
  // Nothing begins, ends with, contains or equals `expected` that is shorter; everything contains ''.
  return expected === '' ? (comparison === 'EqualTo' ? ['-'] : []) : [''];
}

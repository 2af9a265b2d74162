import {
  compareDottedVersions,
  formatDottedVersion,
  parseDottedVersion,
} from '../../machine/dotted-version.ts';
import type { DeviceAttribute } from '../../machine/device-attributes.ts';
import type { ProductRelease } from '../../machine/machine.ts';
import {
  anyComparison,
  anyText,
  attributeKind,
  dottedVersion,
  optional,
  required,
  scalarComparison,
  someText,
} from '../attribute-type.ts';
import {
  holdsFor,
  satisfyingTexts,
  satisfyingVersions,
  SCALAR_COMPARISONS,
  STRING_COMPARISONS,
  textHolds,
  type ScalarComparison,
  type StringComparison,
} from '../comparison.ts';
import { operator, type Operator } from '../operator.ts';

function showRelease(found: ProductRelease | undefined): string {
  return found === undefined ? 'no such release' : formatDottedVersion(found.version);
}

type Comparison = ScalarComparison | StringComparison;

function isScalar(comparison: Comparison): comparison is ScalarComparison {
  return SCALAR_COMPARISONS.some((known) => known === comparison);
}

function isForText(comparison: Comparison): comparison is StringComparison {
  return STRING_COMPARISONS.some((known) => known === comparison);
}

interface AttributeArguments {
  readonly Type: 'String' | 'Version';
  readonly Comparison: Comparison;
  readonly Value: string;
}

/** A missing attribute is false, and so is a value that is no version where one is asked for. */
function attributeHolds(
  found: DeviceAttribute | undefined,
  { Type, Comparison, Value }: AttributeArguments,
): boolean | 'error' {
  if (Type === 'String') {
    if (!isForText(Comparison)) return 'error';
    return found !== undefined && textHolds(Comparison, found.value, Value);
  }
  const expected = parseDottedVersion(Value);
  if (expected === undefined || !isScalar(Comparison)) return 'error';
  const version = found && parseDottedVersion(found.value);
  return version !== undefined && holdsFor(Comparison, compareDottedVersions(version, expected));
}

function satisfyingValues({ Type, Comparison, Value }: AttributeArguments, wanted: boolean): string[] {
  if (Type === 'String') return isForText(Comparison) ? satisfyingTexts(Comparison, Value, wanted) : [];
  const expected = parseDottedVersion(Value);
  if (expected === undefined || !isScalar(Comparison)) return [];
  return satisfyingVersions(Comparison, expected, wanted).map(formatDottedVersion);
}

/** Operators of feature updates, which OSInstaller installs. */
export const OS_INSTALLER_OPERATORS: readonly Operator[] = [
  operator({
    name: 'ProductReleaseInstalled',
    attributes: { Name: required(someText), Version: required(dottedVersion) },
    find: ({ Name }, { machine }) => machine.releases.get(Name.toLowerCase()),
    // A later release contains the earlier ones.
    holds: (found, { Version }) => found !== undefined && compareDottedVersions(found.version, Version) >= 0,
    show: showRelease,
    bringAbout: (wanted, { Name: name, Version }) => [
      [{ fact: 'release', name, version: wanted ? Version : undefined }],
    ],
  }),
  operator({
    name: 'ProductReleaseVersion',
    attributes: {
      Name: required(someText),
      Version: required(dottedVersion),
      Comparison: required(scalarComparison),
    },
    find: ({ Name }, { machine }) => machine.releases.get(Name.toLowerCase()),
    holds: (found, { Version, Comparison }) =>
      found !== undefined && holdsFor(Comparison, compareDottedVersions(found.version, Version)),
    show: showRelease,
    bringAbout: (wanted, { Name: name, Version, Comparison }) => [
      ...(wanted ? [] : [[{ fact: 'release', name, version: undefined }] as const]),
      ...satisfyingVersions(Comparison, Version, wanted).map(
        (version) => [{ fact: 'release', name, version }] as const,
      ),
    ],
  }),
  operator({
    name: 'DeviceAttribute',
    attributes: {
      Name: required(someText),
      Type: optional(attributeKind, 'String'),
      Comparison: optional(anyComparison, 'EqualTo'),
      Value: required(anyText),
    },
    find: ({ Name }, { machine }) => machine.deviceAttributes.get(Name.toLowerCase()),
    holds: attributeHolds,
    show: (found) => (found === undefined ? 'no such attribute' : JSON.stringify(found.value)),
    bringAbout: (wanted, args) => [
      ...(wanted ? [] : [[{ fact: 'device-attribute', name: args.Name, value: undefined }] as const]),
      ...satisfyingValues(args, wanted).map(
        (value) => [{ fact: 'device-attribute', name: args.Name, value }] as const,
      ),
    ],
  }),
];

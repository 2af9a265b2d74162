import type { Machine } from '../../machine/machine.ts';
import type { MachinePatch } from '../../machine/machine-patch.ts';
import {
  comparePackageVersions,
  formatPackageIdentity,
  isSamePackage,
  packageKey,
  parsePackageIdentity,
  type PackageIdentity,
} from '../../machine/package-identity.ts';
import type { CbsComparison, CbsMetadata, CbsParent } from '../applicability-metadata.ts';
import { required, type AttributeType } from '../attribute-type.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';

interface Finding {
  readonly metadata: CbsMetadata | undefined;
  readonly machine: Machine;
  /** The same package in whatever versions. */
  readonly versions: readonly PackageIdentity[];
}

const packageIdentity: AttributeType<PackageIdentity> = {
  what: 'package identity',
  parse: parsePackageIdentity,
};

function find(_: unknown, { machine, metadata: { cbs } }: RuleContext): Finding {
  return { metadata: cbs, machine, versions: cbs === undefined ? [] : versionsOf(machine, cbs.identity) };
}

function versionsOf(machine: Machine, identity: PackageIdentity): PackageIdentity[] {
  return [...machine.packages.values()].filter((one) => isSamePackage(one, identity));
}

const SIGNS: Readonly<Record<CbsComparison, (order: number) => boolean>> = {
  LT: (order) => order < 0,
  LE: (order) => order <= 0,
  EQ: (order) => order === 0,
  GE: (order) => order >= 0,
  GT: (order) => order > 0,
};

function isParent(
  candidate: PackageIdentity,
  { identity, buildCompare, revisionCompare }: CbsParent,
): boolean {
  const [major, minor, build, revision] = identity.version;
  const [foundMajor, foundMinor, foundBuild, foundRevision] = candidate.version;
  const language = identity.language.toLowerCase();
  return (
    candidate.name.toLowerCase() === identity.name.toLowerCase() &&
    candidate.architecture.toLowerCase() === identity.architecture.toLowerCase() &&
    (language === '*' || language === candidate.language.toLowerCase()) &&
    foundMajor === major &&
    foundMinor === minor &&
    SIGNS[buildCompare](foundBuild - build) &&
    SIGNS[revisionCompare](foundRevision - revision)
  );
}

function isInstallable({ identity, parents }: CbsMetadata, { machine, versions }: Finding): boolean {
  const architecture = identity.architecture.toLowerCase();
  if (architecture !== machine.architecture && architecture !== 'neutral' && architecture !== 'msil')
    return false;
  if (versions.some((one) => comparePackageVersions(one, identity) >= 0)) return false;
  if (parents.length === 0) return true;
  const installed = [...machine.packages.values()];
  return parents.some((parent) => installed.some((one) => isParent(one, parent)));
}

function show({ metadata, versions, machine }: Finding): string {
  if (metadata === undefined) return 'no CbsPackageApplicabilityMetadata';
  const found =
    versions.length === 0 ? 'not installed' : versions.map((one) => one.version.join('.')).join(', ');
  return `${formatPackageIdentity(metadata.identity)}: ${found}, ${machine.architecture}`;
}

/** Later versions of a package take the place of earlier ones. */
function installing(machine: Machine, identity: PackageIdentity): MachinePatch {
  const earlier = versionsOf(machine, identity).filter((one) => comparePackageVersions(one, identity) < 0);
  return [
    ...earlier.map((one) => ({ fact: 'package', identity: one, present: false }) as const),
    { fact: 'package', identity, present: true },
  ];
}

/** Operators that ask component-based servicing. */
export const CBS_OPERATORS: readonly Operator[] = [
  operator({
    name: 'CbsPackageInstalled',
    attributes: {},
    find,
    holds: ({ metadata, machine }) =>
      metadata === undefined ? 'error' : machine.packages.has(packageKey(metadata.identity)),
    show,
    bringAbout: (wanted, _, { machine, metadata: { cbs } }): MachinePatch[] => {
      if (cbs === undefined) return [];
      const { identity } = cbs;
      return [wanted ? installing(machine, identity) : [{ fact: 'package', identity, present: false }]];
    },
  }),
  operator({
    name: 'CbsPackageInstallable',
    attributes: {},
    find,
    holds: (found) => (found.metadata === undefined ? 'error' : isInstallable(found.metadata, found)),
    show,
  }),
  operator({
    name: 'CbsPackageInstalledByIdentity',
    attributes: { PackageIdentity: required(packageIdentity) },
    find: ({ PackageIdentity: identity }, { machine }) => machine.packages.get(packageKey(identity)),
    holds: (found) => found !== undefined,
    show: (found) => (found === undefined ? 'no such package' : formatPackageIdentity(found)),
    bringAbout: (present, { PackageIdentity: identity }): MachinePatch[] => [
      [{ fact: 'package', identity, present }],
    ],
  }),
];

import type { MachinePatch } from '../../machine/machine-patch.ts';
import { formatDottedVersion, parseDottedVersion } from '../../machine/dotted-version.ts';
import type { RegistryData, RegistryValueType } from '../../machine/registry.ts';
import {
  anyText,
  dottedVersion,
  optional,
  registryValueType,
  required,
  scalarComparison,
  stringComparison,
  unsignedInt,
} from '../attribute-type.ts';
import { compareDottedVersions } from '../../machine/dotted-version.ts';
import {
  holdsFor,
  satisfyingNumbers,
  satisfyingTexts,
  satisfyingVersions,
  textHolds,
} from '../comparison.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';
import {
  findKey,
  findValue,
  locate,
  registryKey,
  registryValue,
  showFinding,
  stringForm,
  type RegistryFinding,
  type ValueArguments,
} from './registry-lookup.ts';

/** Judges text if there is a value of the type; a missing one and one of another type are false (observed). */
function judgeText(
  finding: RegistryFinding,
  type: 'REG_SZ' | 'REG_EXPAND_SZ',
  test: (data: string) => boolean,
): boolean | 'error' {
  if (finding.kind === 'outside-loop') return 'error';
  return finding.kind === 'value' && finding.value.type === type && test(finding.value.data);
}

function judgeDword(finding: RegistryFinding, test: (data: number) => boolean): boolean | 'error' {
  if (finding.kind === 'outside-loop') return 'error';
  return finding.kind === 'value' && finding.value.type === 'REG_DWORD' && test(finding.value.data);
}

/** Patches that write one of some values; without any wanted, also the one that removes it. */
function writing(
  wanted: boolean,
  args: ValueArguments,
  context: RuleContext,
  values: readonly RegistryData[],
): MachinePatch[] {
  const key = locate(args, context);
  if (key === undefined) return [];
  const name = args.Value;
  const removal: MachinePatch = [{ fact: 'registry-value', key, name, value: undefined }];
  const written = values.map((value): MachinePatch => [
    { fact: 'registry-value', key, name, value: { name, ...value } },
  ]);
  return wanted ? written : [removal, ...written];
}

const stringValue = (name: string, type: 'REG_SZ' | 'REG_EXPAND_SZ'): Operator =>
  operator({
    name,
    attributes: { ...registryValue, Comparison: required(stringComparison), Data: required(anyText) },
    find: findValue,
    holds: (found, { Comparison, Data }) =>
      judgeText(found, type, (data) => textHolds(Comparison, data, Data)),
    show: showFinding,
    bringAbout: (wanted, args, context) =>
      writing(
        wanted,
        args,
        context,
        satisfyingTexts(args.Comparison, args.Data, wanted).map((data) => ({ type, data })),
      ),
  });

/** Windows Update v4, before 2005: the value as text, whatever its type. */
const legacyValue = (name: string, comparison: 'EqualTo' | 'Contains'): Operator =>
  operator({
    name,
    attributes: { ...registryValue, Data: required(anyText) },
    find: findValue,
    holds: (found, { Data }) => {
      if (found.kind === 'outside-loop') return 'error';
      return found.kind === 'value' && textHolds(comparison, stringForm(found.value), Data);
    },
    show: showFinding,
    bringAbout: (wanted, args, context) =>
      writing(wanted, args, context, wanted ? [{ type: 'REG_SZ', data: args.Data }] : []),
  });

/** A value of a type, as little of it as there can be. */
function anyValue(type: RegistryValueType): RegistryData {
  switch (type) {
    case 'REG_DWORD':
      return { type, data: 1 };
    case 'REG_QWORD':
      return { type, data: '1' };
    case 'REG_MULTI_SZ':
      return { type, data: [] };
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
    case 'REG_BINARY':
    case 'REG_FULL_RESOURCE_DESCRIPTOR':
      return { type, data: '' };
  }
}

/** Operators that look into the registry ([MS-WUSP] 7, BaseApplicabilityRules), but RegKeyLoop. */
export const REGISTRY_OPERATORS: readonly Operator[] = [
  operator({
    name: 'b.RegKeyExists',
    attributes: registryKey,
    find: findKey,
    holds: (found) => (found.kind === 'outside-loop' ? 'error' : found.kind === 'key'),
    show: showFinding,
    bringAbout: (present, args, context): MachinePatch[] => {
      const key = locate(args, context);
      return key === undefined ? [] : [[{ fact: 'registry-key', key, present }]];
    },
  }),
  operator({
    name: 'b.RegValueExists',
    attributes: { ...registryValue, Type: optional(registryValueType) },
    find: findValue,
    holds: (found, { Type }) => {
      if (found.kind === 'outside-loop') return 'error';
      return found.kind === 'value' && (Type === undefined || found.value.type === Type);
    },
    show: showFinding,
    bringAbout: (wanted, args, context) =>
      writing(wanted, args, context, wanted ? [anyValue(args.Type ?? 'REG_SZ')] : []),
  }),
  operator({
    name: 'b.RegDword',
    attributes: { ...registryValue, Comparison: required(scalarComparison), Data: required(unsignedInt) },
    find: findValue,
    holds: (found, { Comparison, Data }) => judgeDword(found, (data) => holdsFor(Comparison, data - Data)),
    show: showFinding,
    bringAbout: (wanted, args, context) =>
      writing(
        wanted,
        args,
        context,
        satisfyingNumbers(args.Comparison, args.Data, wanted, 0xffff_ffff).map((data) => ({
          type: 'REG_DWORD',
          data,
        })),
      ),
  }),
  stringValue('b.RegSz', 'REG_SZ'),
  // Compared as it is stored: there are no environment variables to expand it with.
  stringValue('b.RegExpandSz', 'REG_EXPAND_SZ'),
  operator({
    name: 'b.RegSzToVersion',
    attributes: { ...registryValue, Comparison: required(scalarComparison), Data: required(dottedVersion) },
    find: findValue,
    holds: (found, { Comparison, Data }) =>
      judgeText(found, 'REG_SZ', (data) => {
        const version = parseDottedVersion(data);
        return version !== undefined && holdsFor(Comparison, compareDottedVersions(version, Data));
      }),
    show: showFinding,
    bringAbout: (wanted, args, context) =>
      writing(
        wanted,
        args,
        context,
        satisfyingVersions(args.Comparison, args.Data, wanted).map((version) => ({
          type: 'REG_SZ',
          data: formatDottedVersion(version),
        })),
      ),
  }),
  legacyValue('b.WUv4RegKeyValue', 'EqualTo'),
  legacyValue('b.WUv4RegKeySubstring', 'Contains'),
];

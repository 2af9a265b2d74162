import { DEFAULT_WMI_NAMESPACE, wmiKey } from '../../machine/wmi-query.ts';
import type { LicenceValue } from '../../machine/machine.ts';
import { optional, required, scalarComparison, someText, unsignedInt } from '../attribute-type.ts';
import { holdsFor, satisfyingNumbers } from '../comparison.ts';
import { operator, type Operator } from '../operator.ts';

function showLicence(found: LicenceValue | undefined): string {
  return found === undefined ? 'no such licence value' : String(found.value);
}

/** Operators that ask licences, WMI and the installation history ([MS-WUSP] 7, BaseApplicabilityRules). */
export const INVENTORY_OPERATORS: readonly Operator[] = [
  operator({
    name: 'b.LicenseValueExists',
    attributes: { Value: required(someText) },
    find: ({ Value }, { machine }) => machine.licence.get(Value.toLowerCase()),
    holds: (found) => found !== undefined,
    show: showLicence,
    bringAbout: (wanted, { Value: name }) => [[{ fact: 'licence', name, value: wanted ? 1 : undefined }]],
  }),
  operator({
    name: 'b.LicenseDword',
    attributes: {
      Value: required(someText),
      Comparison: required(scalarComparison),
      Data: required(unsignedInt),
    },
    find: ({ Value }, { machine }) => machine.licence.get(Value.toLowerCase()),
    holds: (found, { Comparison, Data }) =>
      typeof found?.value === 'number' && holdsFor(Comparison, found.value - Data),
    show: showLicence,
    bringAbout: (wanted, { Value: name, Comparison, Data }) => [
      ...(wanted ? [] : [[{ fact: 'licence', name, value: undefined }] as const]),
      ...satisfyingNumbers(Comparison, Data, wanted, 0xffff_ffff).map(
        (value) => [{ fact: 'licence', name, value }] as const,
      ),
    ],
  }),
  operator({
    name: 'b.WmiQuery',
    attributes: { Namespace: optional(someText, DEFAULT_WMI_NAMESPACE), WqlQuery: required(someText) },
    find: ({ Namespace, WqlQuery }, { machine }) => machine.wmi.get(wmiKey(Namespace, WqlQuery)),
    holds: (found) => found !== undefined && found.rows.length > 0,
    show: (found) => (found === undefined ? 'no answer is known, so no rows' : `${found.rows.length} rows`),
    bringAbout: (wanted, { Namespace: namespace, WqlQuery: query }) => [
      [{ fact: 'wmi', namespace, query, rows: wanted ? [{}] : undefined }],
    ],
  }),
  operator({
    name: 'b.InstalledOnce',
    attributes: {},
    find: (_, { machine, updateId }) => updateId !== undefined && machine.installHistory.has(updateId),
    holds: (found) => found,
    show: (found) => (found ? 'in the installation history' : 'not in the installation history'),
    bringAbout: (present, _, { updateId }) =>
      updateId === undefined ? [] : [[{ fact: 'history', updateId, present }]],
  }),
];

import type { Check, DoctorFinding, Patient } from './check.ts';
import { permissionsCheck } from './permissions.ts';
import { auditCheck, backupCheck, clockCheck, storeItselfCheck } from './store-checks.ts';
import { diskCheck, portsCheck, runtimeCheck, settingsCheck, tlsCheck } from './surroundings.ts';
import {
  computersCheck,
  contentCheck,
  eventsCheck,
  housekeepingCheck,
  importsCheck,
} from './upkeep-checks.ts';

type AnyCheck = Check & { readonly needsStore?: true };

/** Everything that is looked at, in the order in which it is told. */
const CHECKS: readonly AnyCheck[] = [
  runtimeCheck,
  settingsCheck,
  portsCheck,
  tlsCheck,
  diskCheck,
  permissionsCheck,
  storeItselfCheck,
  backupCheck,
  auditCheck,
  clockCheck,
  importsCheck,
  contentCheck,
  computersCheck,
  eventsCheck,
  housekeepingCheck,
];

export const CHECK_NAMES: readonly string[] = CHECKS.map((check) => check.name);

/**
 * Looks a server over, whether it runs or not, and changes nothing. A check that finds nothing says so; one that
 * cannot be carried out is an error of its own and keeps none of the others.
 *
 * @param names of the checks to carry out; all of them when it is left out
 */
export async function* examine(
  patient: Patient,
  names: readonly string[] = CHECK_NAMES,
): AsyncGenerator<DoctorFinding> {
  const chosen = CHECKS.filter((check) => names.includes(check.name));
  for (const check of chosen) {
    if (check.needsStore === true && !isCurrent(patient.store)) continue;
    yield* await findingsOf(check, patient);
  }
}

/** Tables of another version are not what checks expect. */
function isCurrent(store: Patient['store']): boolean {
  return store !== undefined && store.pending.length === 0 && store.unknown.length === 0;
}

async function findingsOf(check: Check, patient: Patient): Promise<DoctorFinding[]> {
  try {
    const problems = await check.run(patient);
    if (problems.length > 0) return problems.map((problem) => ({ check: check.name, ...problem }));
    return [{ check: check.name, severity: 'ok', what: check.fine, evidence: '', cure: '' }];
  } catch (error) {
    return [
      {
        check: check.name,
        severity: 'error',
        what: 'The check could not be carried out.',
        evidence: error instanceof Error ? error.message : String(error),
        cure: 'Look at the other findings first; report this one if it stays.',
      },
    ];
  }
}

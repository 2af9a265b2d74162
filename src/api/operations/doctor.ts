import { Type } from 'typebox';
import type { DoctorFinding, Patient } from '../../admin/doctor/check.ts';
import { CHECK_NAMES, examine } from '../../admin/doctor/doctor.ts';
import { defineJob, type Output } from '../operation.ts';
import { count } from '../schemas.ts';

const EXAMINATION = Type.Object({
  healthy: Type.Boolean({ description: 'Nothing is an error.' }),
  errors: count(),
  warnings: count(),
  findings: Type.Array(
    Type.Object({
      check: Type.Enum([...CHECK_NAMES]),
      severity: Type.Enum(['ok', 'warning', 'error']),
      what: Type.String(),
      evidence: Type.String({ description: 'What it was concluded from.' }),
      cure: Type.String({ description: 'Empty when there is nothing to do.' }),
    }),
  ),
});

/** Carries out checks, all of them unless some are named. */
export async function examined(
  patient: Patient,
  names: readonly string[] = CHECK_NAMES,
  onFinding: (finding: DoctorFinding, done: number) => void = () => undefined,
): Promise<Output<typeof EXAMINATION>> {
  const findings: DoctorFinding[] = [];
  for await (const finding of examine(patient, names)) {
    findings.push(finding);
    onFinding(finding, findings.length);
  }
  const of = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return { healthy: of('error') === 0, errors: of('error'), warnings: of('warning'), findings };
}

const examination = defineJob({
  id: 'doctor.examine',
  path: '/doctor',
  role: 'reader',
  summary: 'Looks the server over, and says what to do',
  description:
    'Clock, ports, certificates, disk, integrity of the store, content, backups, computers. Changes nothing.',
  input: Type.Object({
    only: Type.Optional(
      Type.Array(Type.Enum([...CHECK_NAMES]), {
        maxItems: CHECK_NAMES.length,
        description: 'These checks alone.',
      }),
    ),
  }),
  result: EXAMINATION,
  example: {
    input: { only: ['disk'] },
    result: {
      healthy: true,
      errors: 0,
      warnings: 0,
      findings: [
        { check: 'disk', severity: 'ok', what: 'There is room on the disk.', evidence: '', cure: '' },
      ],
    },
  },
  async run({ house }, { only = CHECK_NAMES }, progress) {
    using patient = await house.patient();
    return await examined(patient, only, ({ check }, done) => progress.report(done, only.length, check));
  },
});

export const doctor = { examine: examination };

import { Option, type Command } from 'commander';
import type { DoctorFinding } from '../admin/doctor/check.ts';
import { CHECK_NAMES } from '../admin/doctor/doctor.ts';
import { doctor, examined } from '../api/operations/doctor.ts';
import { loadSettings } from '../server/load-settings.ts';
import { openPatient } from '../server/patient.ts';
import { dataFolder, doorCommand, print, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { oneLine } from '../errors/inert-text.ts';
import { withDoor } from './with-door.ts';

interface DoctorOptions extends CommonOptions {
  readonly only?: string;
}

export function doctorCommand(): Command {
  return doorCommand('doctor', 'Look the server over, whether it runs or not, and say what to do')
    .addOption(new Option('--only <check>', 'carry out this check alone').choices(CHECK_NAMES))
    .addHelpText('after', '\nEnds with 0 when nothing is an error, with 1 otherwise. Changes nothing.')
    .action(run);
}

async function run(options: DoctorOptions): Promise<void> {
  const only = options.only === undefined ? {} : { only: [options.only] };
  const result =
    options.server === undefined
      ? await examineHere(options, only)
      : await withDoor(options, (door) => door.job(doctor.examine, only));
  const { healthy, errors, warnings, findings } = result;
  if (!healthy) process.exitCode = 1;
  print(options, result, () =>
    [...findings.map(text), '', `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`].join('\n'),
  );
}

/** Not through a door: opening the store would create or migrate what a doctor only looks at. */
async function examineHere(
  options: DoctorOptions,
  only: { readonly only?: string[] },
): ReturnType<typeof examined> {
  const folder = dataFolder(options);
  using patient = openPatient(
    folder,
    () => loadSettings({ dataFolder: folder, environment: settingsEnvironment(), flags: [] }).settings,
  );
  return await examined(patient, only.only);
}

const MARK: Readonly<Record<DoctorFinding['severity'], string>> = {
  ok: 'ok      ',
  warning: 'warning ',
  error: 'ERROR   ',
};

function text({ check, severity, what, evidence, cure }: DoctorFinding): string {
  const lines = [`${MARK[severity]} ${check.padEnd(16)} ${oneLine(what)}`];
  if (evidence !== '') lines.push(`${' '.repeat(26)}${oneLine(evidence)}`);
  if (cure !== '') lines.push(`${' '.repeat(26)}To do: ${oneLine(cure)}`);
  return lines.join('\n');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

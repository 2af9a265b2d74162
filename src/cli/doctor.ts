import { Option, type Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CertificateFacts,
  DoctorFinding,
  ListenerFacts,
  Patient,
  Problem,
  SettingsFacts,
} from '../admin/doctor/check.ts';
import { CHECK_NAMES, examine } from '../admin/doctor/doctor.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseListen } from '../server/http-listener.ts';
import { isLoopback, needsTls, tlsListenOf } from '../server/listeners.ts';
import { loadSettings } from '../server/load-settings.ts';
import { parseNames } from '../server/own-names.ts';
import { probePort } from '../server/port-probe.ts';
import type { Settings } from '../server/settings.ts';
import { loadCertificate } from '../server/tls/certificate-files.ts';
import { reportCertificate } from '../server/tls/certificate-report.ts';
import { authorityKeyFile } from '../server/tls/self-issued.ts';
import { certificateFiles } from '../server/tls/tls-source.ts';
import { openReadOnlyStore } from '../store/read-only-store.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { oneLine } from './table.ts';

interface DoctorOptions extends CommonOptions {
  readonly only?: string;
}

const LEAST_MAJOR = 24;

export function doctorCommand(): Command {
  return command('doctor', 'Look the server over, whether it runs or not, and say what to do')
    .addOption(new Option('--only <check>', 'carry out this check alone').choices(CHECK_NAMES))
    .addHelpText('after', '\nEnds with 0 when nothing is an error, with 1 otherwise. Changes nothing.')
    .action(run);
}

async function run(options: DoctorOptions): Promise<void> {
  const folder = dataFolder(options);
  const settings = orProblem(
    () => loadSettings({ dataFolder: folder, environment: settingsEnvironment(), flags: [] }).settings,
  );
  const store = orProblem(() => openReadOnlyStore(folder));
  using _store = store.value;
  const patient: Patient = {
    dataFolder: folder,
    nowMs: Date.now(),
    store: store.value,
    ...(store.problem && { storeProblem: store.problem }),
    settings: settings.value && settingsFacts(settings.value),
    ...(settings.problem && { settingsProblem: settings.problem }),
    probe: ({ listen, tls }) => probePort(listen, tls),
    certificate: () => settings.value && certificateOf(folder, settings.value),
    secretFiles: secretFiles(folder, settings.value),
    runtime: { version: process.version, leastMajor: LEAST_MAJOR, openFiles: openFilesLimit() },
  };
  const findings: DoctorFinding[] = [];
  const names = options.only === undefined ? CHECK_NAMES : [options.only];
  for await (const finding of examine(patient, names)) findings.push(finding);
  if (findings.some((one) => one.severity === 'error')) process.exitCode = 1;
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  print(options, { healthy: errors === 0, errors, warnings, findings }, () =>
    [...findings.map(text), '', `${errors} errors, ${warnings} warnings`].join('\n'),
  );
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

/** What a function returns, or why it cannot. */
function orProblem<T>(read: () => T): { readonly value: T | undefined; readonly problem?: Problem } {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    const { summary, cure } = error.definition;
    const evidence = error.message.replace(summary, '').trim();
    return { value: undefined, problem: { severity: 'error', what: summary, evidence, cure } };
  }
}

function settingsFacts(settings: Settings): SettingsFacts {
  return {
    minFreeBytes: settings['disk.minFreeBytes'],
    registrationRequired: settings['clients.registrationRequired'],
    housekeepingEnabled: settings['housekeeping.enabled'],
    housekeepingEveryHours: settings['housekeeping.everyHours'],
    names: parseNames(settings['server.names']),
    listeners: listenersOf(settings),
  };
}

function listenersOf(settings: Settings): ListenerFacts[] {
  const listeners: ListenerFacts[] = [];
  const add = (setting: string, listen: string | undefined, tls: (loopback: boolean) => boolean): void => {
    if (listen === undefined || listen === '') return;
    const loopback = isLoopback(parseListen(listen).host);
    listeners.push({ setting, listen, loopback, tls: tls(loopback) });
  };
  add('listen', settings.listen, () => false);
  add('tls.listen', tlsListenOf(settings), () => true);
  add('content.listen', settings['content.listen'], () => settings['content.tls']);
  const adminTls = settings['admin.tls'];
  add(
    'admin.listen',
    settings['admin.listen'],
    (loopback) => adminTls === 'on' || (adminTls === 'auto' && !loopback),
  );
  add('metrics.listen', settings['metrics.listen'], () => settings['metrics.tls']);
  return listeners;
}

function certificateOf(folder: string, settings: Settings): CertificateFacts | undefined {
  if (!needsTls(settings)) return undefined;
  const files = certificateFiles(folder, settings);
  // The first start issues one.
  if (settings['tls.certificateFile'] === '' && !existsSync(files.certificateFile)) return undefined;
  return reportCertificate(loadCertificate(files), Date.now(), parseNames(settings['server.names']));
}

function secretFiles(folder: string, settings: Settings | undefined): string[] {
  const own = [join(folder, 'keys.json'), authorityKeyFile(folder)];
  if (settings === undefined) return own;
  const { certificateFile, keyFile } = certificateFiles(folder, settings);
  return [...own, keyFile || certificateFile];
}

/** Linux alone tells a process its limits without asking a shell. */
function openFilesLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CertificateFacts,
  ListenerFacts,
  Patient,
  Problem,
  SettingsFacts,
} from '../admin/doctor/check.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { openReadOnlyStore } from '../store/read-only-store.ts';
import { isAdminSecure } from './admin-address.ts';
import { parseListen } from './http-listener.ts';
import { isLoopback } from './is-loopback.ts';
import { needsTls, tlsListenOf } from './listeners.ts';
import { parseNames } from './own-names.ts';
import { probePort } from './port-probe.ts';
import type { Settings } from './settings.ts';
import { loadCertificate } from './tls/certificate-files.ts';
import { reportCertificate } from './tls/certificate-report.ts';
import { authorityKeyFile } from './tls/self-issued.ts';
import { certificateFiles } from './tls/tls-source.ts';

const LEAST_MAJOR = 24;

/** A patient, and its store, which is closed with it. */
export type OpenPatient = Patient & Disposable;

/**
 * A data folder as a doctor looks at it: read-only, whatever is wrong with it.
 *
 * @param load reads the settings; what is wrong with them is a finding
 */
export function openPatient(folder: string, load: () => Settings): OpenPatient {
  const settings = orProblem(load);
  const store = orProblem(() => openReadOnlyStore(folder));
  return {
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
    [Symbol.dispose]: () => store.value?.[Symbol.dispose](),
  };
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
  add('admin.listen', settings['admin.listen'], () => isAdminSecure(settings));
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

import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { OakumError } from '../../errors/oakum-error.ts';
import type { Check, PortState, Problem } from './check.ts';

const FEW_OPEN_FILES = 8_192;

/** The program that runs Oakum, and what the system lets it have. */
export const runtimeCheck: Check = {
  name: 'runtime',
  fine: 'The runtime is new enough and may open enough files.',
  run({ runtime: { version, leastMajor, openFiles } }) {
    const problems: Problem[] = [];
    if (Number(/^v(\d+)/.exec(version)?.[1]) < leastMajor) {
      problems.push({
        severity: 'error',
        what: 'Node.js is older than Oakum needs.',
        evidence: `It is ${version}; version ${leastMajor} is the oldest that works.`,
        cure: `Install Node.js ${leastMajor} or newer.`,
      });
    }
    if (openFiles !== undefined && openFiles < FEW_OPEN_FILES) {
      problems.push({
        severity: 'warning',
        what: 'A process may open few files here; each connection and each download takes one.',
        evidence: `The limit is ${openFiles}.`,
        cure: `Raise it to ${FEW_OPEN_FILES} or more: LimitNOFILE in the systemd unit, "ulimit -n" in a shell.`,
      });
    }
    return problems;
  },
};

/** Settings that cannot be read, and those that are unsafe. */
export const settingsCheck: Check = {
  name: 'settings',
  fine: 'The settings can be read and are safe.',
  run({ settings, settingsProblem }) {
    if (settings === undefined) return settingsProblem === undefined ? [] : [settingsProblem];
    const problems: Problem[] = [];
    const warn = (what: string, evidence: string, cure: string): void =>
      void problems.push({ severity: 'warning', what, evidence, cure });
    const open = settings.listeners.filter((one) => !one.loopback);
    for (const { setting, listen, tls } of open) {
      if (tls) continue;
      if (setting === 'listen') {
        warn(
          'Clients connect over plain HTTP: whoever is on their way can offer them other updates.',
          `${setting} is ${listen}.`,
          'Let clients use TLS (tls.listen, port 8531; "oakum tls steps" says how), then set listen to "".',
        );
      }
      if (setting === 'metrics.listen' || setting === 'admin.listen') {
        warn(
          'It can be read on its way from other computers.',
          `${setting} is ${listen}, without TLS.`,
          `Let it listen on 127.0.0.1, or turn on ${setting.replace('listen', 'tls')}.`,
        );
      }
    }
    if (open.length > 0 && settings.names.length === 0) {
      warn(
        'Nothing says what clients call this server, so it only answers to the names it knows of itself.',
        'server.names is empty.',
        'Set server.names to what stands in the group policy of clients.',
      );
    }
    if (!settings.registrationRequired) {
      warn(
        'Computers need not register, so there is no inventory of them.',
        'clients.registrationRequired is false.',
        'Set it to true.',
      );
    }
    if (!settings.housekeepingEnabled) {
      warn(
        'Nobody keeps the server in order: events, old revisions and unused files stay for ever.',
        'housekeeping.enabled is false.',
        'Set it to true, or run "oakum housekeeping run" regularly.',
      );
    }
    return problems;
  },
};

/** Whether each listener can be had, or is this program's already. */
export const portsCheck: Check = {
  name: 'ports',
  fine: 'Every address to listen on is free or served by Oakum.',
  async run({ settings, probe }) {
    const problems: Problem[] = [];
    for (const listener of settings?.listeners ?? []) {
      const state: PortState = await probe(listener);
      const evidence = `${listener.setting} is ${listener.listen}`;
      if (state.kind === 'other') {
        problems.push({
          severity: 'error',
          what: 'Another program listens where Oakum should.',
          evidence: `${evidence}; what answers there is not Oakum.`,
          cure: `Stop it, or change ${listener.setting}.`,
        });
      } else if (state.kind === 'unusable') {
        problems.push({
          severity: 'error',
          what: 'Oakum cannot listen on an address.',
          evidence: `${evidence}: ${state.reason}.`,
          cure: `Choose an address of this computer and a port that its account may use for ${listener.setting}.`,
        });
      }
    }
    return problems;
  },
};

/** Certificates that clients refuse whatever else is right. */
const FATAL = new Set(['expired', 'not-yet-valid', 'name-missing']);

export const tlsCheck: Check = {
  name: 'tls',
  fine: 'The certificate can be used, or there is none to use.',
  run({ certificate }) {
    try {
      const facts = certificate();
      return (facts?.problems ?? []).map(({ kind, message }) => ({
        severity: FATAL.has(kind) ? 'error' : 'warning',
        what: message,
        evidence: facts?.file ?? '',
        cure: 'Replace the certificate; the server reads it again by itself. "oakum tls show" tells all about it.',
      }));
    } catch (error) {
      if (!(error instanceof OakumError)) throw error;
      const { summary, cure } = error.definition;
      return [
        { severity: 'error', what: summary, evidence: error.message.replace(summary, '').trim(), cure },
      ];
    }
  },
};

/** How many times the least free space is little. */
const LITTLE = 4;

export const diskCheck: Check = {
  name: 'disk',
  fine: 'There is room on the disk.',
  async run({ dataFolder, settings }) {
    const least = settings?.minFreeBytes ?? 0;
    const problems: Problem[] = [];
    const seen = new Set<string>();
    for (const folder of [dataFolder, join(dataFolder, 'content')]) {
      const { bavail, bsize, blocks, type, ffree, files } = await statfs(folder).catch(() => NOTHING);
      const disk = `${type} ${blocks} ${files}`;
      if (blocks === 0 || seen.has(disk)) continue;
      seen.add(disk);
      const free = bavail * bsize;
      if (free < least * LITTLE || (files > 0 && ffree === 0)) {
        problems.push({
          severity: free < least || (files > 0 && ffree === 0) ? 'error' : 'warning',
          what: 'There is little room left on the disk.',
          evidence: `${free} of ${blocks * bsize} bytes are free below ${folder}; disk.minFreeBytes is ${least}.`,
          cure: 'Make room: decline products nobody has and run "oakum housekeeping run", or enlarge the disk.',
        });
      }
    }
    return problems;
  },
};

const NOTHING = { bavail: 0, bsize: 0, blocks: 0, type: 0, ffree: 0, files: 0 };

import type { Command } from 'commander';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';
import { loadSettings } from '../server/load-settings.ts';
import { parseListen } from '../server/http-listener.ts';
import { tlsListenOf } from '../server/listeners.ts';
import { ownNames, parseNames } from '../server/own-names.ts';
import type { Settings } from '../server/settings.ts';
import { loadCertificate } from '../server/tls/certificate-files.ts';
import { reportCertificate, type CertificateReport } from '../server/tls/certificate-report.ts';
import { policySteps } from '../server/tls/policy-steps.ts';
import { authorityFile, ensureSelfIssued } from '../server/tls/self-issued.ts';
import { certificateFiles } from '../server/tls/tls-source.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { printable } from '../errors/inert-text.ts';

interface IssueOptions extends CommonOptions {
  readonly name: readonly string[];
}

export function tlsCommand(): Command {
  const tls = command('tls', 'The certificate that clients see');
  tls.addCommand(
    command('show', 'Show the certificate, and what clients may find wrong with it').action(show),
  );
  tls.addCommand(
    issuing(
      command('create', 'Make a certification authority and a certificate, where there is none'),
    ).action((options: IssueOptions) => issue(options, false)),
  );
  tls.addCommand(
    issuing(
      command('renew', 'Issue a new self-issued certificate; a running server uses it within seconds'),
    ).action((options: IssueOptions) => issue(options, true)),
  );
  tls.addCommand(
    command('ca', 'Print the certificate of the authority, for clients to trust').action(printAuthority),
  );
  tls.addCommand(command('steps', 'Say what to set in Group Policy').action(steps));
  return tls;
}

function issuing(one: Command): Command {
  return one.option(
    '--name <name>',
    'a host name or address beside those in the setting server.names and of this computer',
    (name, all: string[]) => [...all, name],
    [],
  );
}

function settingsOf(options: CommonOptions): Settings {
  const input = { dataFolder: dataFolder(options), environment: settingsEnvironment(), flags: [] };
  return loadSettings(input).settings;
}

/**
 * The certificate that a server with these settings presents.
 *
 * @throws OakumError OAK_TLS_CERTIFICATE, OAK_TLS_KEY
 */
function reportOf(folder: string, settings: Settings): CertificateReport {
  const files = certificateFiles(folder, settings);
  if (settings['tls.certificateFile'] === '' && !existsSync(files.certificateFile)) {
    const detail = 'None was issued yet: the first start does, and so does "oakum tls create".';
    throw new OakumError('OAK_TLS_CERTIFICATE', { detail });
  }
  return reportCertificate(loadCertificate(files), Date.now(), parseNames(settings['server.names']));
}

function show(options: CommonOptions): void {
  const settings = settingsOf(options);
  const report = reportOf(dataFolder(options), settings);
  const json = { ...report, selfIssued: settings['tls.certificateFile'] === '' };
  print(options, json, () => describe(report));
  if (report.problems.some(({ kind }) => kind === 'expired')) process.exitCode = 1;
}

function describe(report: CertificateReport): string {
  const day = (ms: number): string => new Date(ms).toISOString();
  return [
    `file          ${report.file}`,
    `subject       ${report.subject}`,
    `names         ${report.names.join(', ') || '-'}`,
    `issuer        ${report.issuer}`,
    `key           ${report.key}`,
    `valid         ${day(report.validFromMs)} to ${day(report.validToMs)}`,
    `SHA-256       ${report.fingerprint}`,
    `serial        ${report.serialNumber}`,
    ...report.chain.map((subject, index) => `${index === 0 ? 'chain' : '     '}         ${subject}`),
    '',
    ...(report.problems.length === 0
      ? ['nothing wrong with it']
      : report.problems.map(({ message }) => `PROBLEM: ${message}`)),
  ]
    .map(printable)
    .join('\n');
}

async function issue(options: IssueOptions, renew: boolean): Promise<void> {
  const settings = settingsOf(options);
  requireSelfIssued(settings);
  const folder = dataFolder(options);
  const setting = [settings['server.names'], ...options.name].join(',');
  const names = ownNames(setting);
  const { outcome } = await ensureSelfIssued({ dataFolder: folder, names, nowMs: Date.now(), renew });
  const report = reportOf(folder, settings);
  print(options, { outcome, ...report }, () => `${OUTCOMES[outcome]}\n\n${describe(report)}`);
}

const OUTCOMES = {
  created:
    'A certification authority was made, and a certificate issued. "oakum tls steps" says how clients trust it.',
  issued: 'A certificate was issued.',
  kept: 'The certificate is good; "oakum tls renew" issues another one.',
} as const;

function printAuthority(options: CommonOptions): void {
  requireSelfIssued(settingsOf(options));
  const pem = readAuthority(dataFolder(options));
  const { fingerprint256, subject } = new X509Certificate(pem);
  print(options, { pem, fingerprint: fingerprint256, subject: subject.split('\n').join(', ') }, () =>
    pem.trimEnd(),
  );
}

function steps(options: CommonOptions): void {
  const settings = settingsOf(options);
  const text = stepsFor(dataFolder(options), settings);
  print(options, { steps: text.split('\n') }, () => text);
}

/** The steps in Group Policy by which clients come to a server with these settings over TLS. */
export function stepsFor(folder: string, settings: Settings, port = tlsPort(settings)): string {
  const url = `https://${bracketed(ownNames(settings['server.names'])[0])}:${port}`;
  if (settings['tls.certificateFile'] !== '') return policySteps({ url });
  const { fingerprint256: fingerprint } = new X509Certificate(readAuthority(folder));
  return policySteps({ url, authorityFile: authorityFile(folder), fingerprint });
}

function bracketed(name: string): string {
  return name.includes(':') ? `[${name}]` : name;
}

function tlsPort(settings: Settings): number {
  const listen = tlsListenOf(settings);
  return listen === undefined ? 8531 : parseListen(listen).port;
}

function readAuthority(folder: string): string {
  const path = authorityFile(folder);
  try {
    return readFileSync(path, 'latin1');
  } catch (cause) {
    const detail = `${(cause as Error).message}. "oakum tls create" makes one.`;
    throw new OakumError('OAK_TLS_CERTIFICATE', { detail, cause });
  }
}

function requireSelfIssued(settings: Settings): void {
  const file = settings['tls.certificateFile'];
  if (file === '') return;
  throw new OakumError('OAK_TLS_NOT_SELF_ISSUED', { detail: `It is in ${file}.` });
}

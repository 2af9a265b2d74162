import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OakumError } from '../../errors/oakum-error.ts';
import { holdProcessLock } from '../../store/process-lock.ts';
import { createAuthority, issueServerCertificate, type KeyedCertificate } from './certificate-authority.ts';
import { loadCertificate, type LoadedCertificate } from './certificate-files.ts';
import { isFor, namesOf } from './certificate-report.ts';

export interface SelfIssuedOptions {
  readonly dataFolder: string;
  /** Names and addresses the certificate must be for, the most important one first. */
  readonly names: readonly string[];
  readonly nowMs: number;
  /** Issues a new certificate although the old one is good, for exactly these names. */
  readonly renew?: boolean;
  /** Lets a certificate be that is not for all of these names. */
  readonly whenOldOnly?: boolean;
}

export interface SelfIssued {
  /** What was done: everything is new, a new server certificate was issued, or all was well. */
  readonly outcome: 'created' | 'issued' | 'kept';
}

const DAY_MS = 86_400_000;
/** A certificate is replaced so long before it ends. */
const RENEWED_BEFORE_DAYS = 30;
/** Held while something is issued: of two authorities made at once, clients would trust the one that was lost. */
const LOCK = 'tls.lock';
const LOCK_ATTEMPTS = 250;
const LOCK_PAUSE_MS = 20;

/** Where the certificate of the authority is, which clients have to trust. */
export function authorityFile(dataFolder: string): string {
  return join(dataFolder, 'tls', 'ca.pem');
}

/** Where certificate and key of the server are, in one file so that they always belong together. */
export function serverFile(dataFolder: string): string {
  return join(dataFolder, 'tls', 'server.pem');
}

export function authorityKeyFile(dataFolder: string): string {
  return join(dataFolder, 'tls', 'ca-key.pem');
}

/**
 * Sees to it that the data folder holds a certification authority of its own and a server certificate that is good
 * for these names and for another 30 days. Several processes may do so at once.
 *
 * An authority is only ever made where there is none: clients trust the one they were given. Its key may be taken
 * away until a certificate is due.
 *
 * @throws OakumError OAK_TLS_AUTHORITY, OAK_FILE_UNWRITABLE
 */
export async function ensureSelfIssued(options: SelfIssuedOptions): Promise<SelfIssued> {
  if (options.renew !== true && !isDue(options)) return { outcome: 'kept' };
  using _lock = await holdLock(options.dataFolder);
  // Another process may have done it meanwhile.
  if (options.renew !== true && !isDue(options)) return { outcome: 'kept' };
  const isNew =
    !existsSync(authorityFile(options.dataFolder)) && !existsSync(authorityKeyFile(options.dataFolder));
  const authority = isNew ? await makeAuthority(options) : readAuthority(options.dataFolder);
  const names = options.renew === true ? options.names : [...options.names, ...keptNames(options)];
  const server = await issue(
    authority,
    { names: [...new Set(names)], nowMs: options.nowMs },
    options.dataFolder,
  );
  write(serverFile(options.dataFolder), server.key + server.certificate + authority.certificate, 0o600);
  return { outcome: isNew ? 'created' : 'issued' };
}

/** The server certificate of the data folder; undefined where there is none that can be used. */
export function loadSelfIssued(dataFolder: string): LoadedCertificate | undefined {
  try {
    return loadCertificate({ certificateFile: serverFile(dataFolder), keyFile: '' });
  } catch (error) {
    if (error instanceof OakumError) return undefined;
    throw error;
  }
}

function isDue({ dataFolder, names, nowMs, whenOldOnly = false }: SelfIssuedOptions): boolean {
  const loaded = existsSync(authorityFile(dataFolder)) ? loadSelfIssued(dataFolder) : undefined;
  if (loaded === undefined) return true;
  const [own] = loaded.chain;
  return (
    own.validToDate.getTime() - nowMs < RENEWED_BEFORE_DAYS * DAY_MS ||
    own.validFromDate.getTime() > nowMs ||
    !isIssuedBy(own, readFileSync(authorityFile(dataFolder), 'latin1')) ||
    (!whenOldOnly && names.some((name) => !isFor(own, name)))
  );
}

function isIssuedBy(certificate: X509Certificate, authority: string): boolean {
  try {
    return certificate.verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

// Names that were added by hand stay; addresses come and go, and a stale one may be somebody else's by now.
function keptNames({ dataFolder }: SelfIssuedOptions): string[] {
  const own = loadSelfIssued(dataFolder)?.chain[0];
  return own === undefined ? [] : namesOf(own).filter((name) => /[a-z]/.test(name) && !name.includes(':'));
}

async function makeAuthority({ dataFolder, nowMs }: SelfIssuedOptions): Promise<KeyedCertificate> {
  const authority = await createAuthority({ hostName: hostname(), nowMs });
  // Both in one file first: a crash between the two leaves an authority whose certificate can be written again.
  write(authorityKeyFile(dataFolder), authority.key + authority.certificate, 0o600);
  write(authorityFile(dataFolder), authority.certificate, 0o644);
  return authority;
}

function readAuthority(dataFolder: string): KeyedCertificate {
  const path = authorityKeyFile(dataFolder);
  try {
    const { certificate, key } = loadCertificate({ certificateFile: path, keyFile: '' });
    const published = authorityFile(dataFolder);
    if (!existsSync(published)) write(published, certificate, 0o644);
    else if (!isSame(certificate, readFileSync(published, 'latin1')))
      throw new Error(`${path} and ${published} hold two authorities`);
    return { certificate, key };
  } catch (cause) {
    const reason =
      cause instanceof OakumError ? (cause.detail ?? cause.message) : `${(cause as Error).message}.`;
    throw new OakumError('OAK_TLS_AUTHORITY', { detail: reason, cause });
  }
}

function isSame(one: string, other: string): boolean {
  return new X509Certificate(one).fingerprint256 === new X509Certificate(other).fingerprint256;
}

async function issue(
  authority: KeyedCertificate,
  options: { readonly names: readonly string[]; readonly nowMs: number },
  dataFolder: string,
): Promise<KeyedCertificate> {
  if (new X509Certificate(authority.certificate).validToDate.getTime() > options.nowMs)
    return issueServerCertificate(authority, options);
  const detail = `${authorityFile(dataFolder)} has expired.`;
  throw new OakumError('OAK_TLS_AUTHORITY', { detail });
}

async function holdLock(dataFolder: string): Promise<Disposable> {
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
    const lock = holdProcessLock(dataFolder, LOCK);
    if (lock !== undefined) return lock;
    await pause(LOCK_PAUSE_MS);
  }
  throw new OakumError('OAK_FILE_UNWRITABLE', {
    detail: `Another process has held ${join(dataFolder, LOCK)} for too long.`,
  });
}

// Written aside and renamed: a crash leaves the old file or the new one, never half of one.
function write(path: string, text: string, mode: number): void {
  const aside = `${path}.new`;
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(aside, text, { mode, flush: true });
    chmodSync(aside, mode);
    renameSync(aside, path);
  } catch (cause) {
    throw new OakumError('OAK_FILE_UNWRITABLE', { detail: `${(cause as Error).message}.`, cause });
  }
}

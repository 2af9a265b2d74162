import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type * as X509 from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface AuthorityOptions {
  /** Of this computer, so that people can tell the authorities of two servers apart. */
  readonly hostName: string;
  readonly nowMs: number;
}

export interface ServerCertificateOptions {
  /** Host names and addresses, the first of which becomes the common name. */
  readonly names: readonly string[];
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The clocks of clients are not always right; a new certificate must hold for those that are behind. */
const BACKDATED_MS = DAY_MS;
const AUTHORITY_DAYS = 3650;
/** Some systems refuse what is valid for longer than 398 days. */
const SERVER_DAYS = 397;
/** A common name may have 64 characters (RFC 5280, appendix A.1). */
const COMMON_NAME = 64;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A new certification authority that may issue server certificates and nothing below them (RFC 5280, 4.2.1.9). */
export async function createAuthority({ hostName, nowMs }: AuthorityOptions): Promise<KeyedCertificate> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const serialNumber = randomSerial();
  // With the beginning of its number: an authority that was made anew is another one, and must look it.
  const commonName = `Oakum CA ${hostName.slice(0, 40)} ${serialNumber.slice(0, 8)}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: [{ CN: [commonName] }, { O: ['Oakum'] }],
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/**
 * A server certificate with a key of its own, issued by an authority. It never outlives the authority.
 *
 * @throws Error when the authority is none
 */
export async function issueServerCertificate(
  authority: KeyedCertificate,
  { names, nowMs }: ServerCertificateOptions,
): Promise<KeyedCertificate> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await importKey(authority.key);
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const notBeforeMs = nowMs - BACKDATED_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: [{ CN: [commonNameOf(names)] }],
    issuer: issuer.subjectName,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(Math.min(notBeforeMs + SERVER_DAYS * DAY_MS, issuer.notAfter.getTime())),
    signingAlgorithm: SIGNATURE,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION], false),
      // What clients compare with is this list; the common name is for people (RFC 9525, 6).
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

// Tens of milliseconds and some megabytes that only a process needs that makes certificates.
async function library(): Promise<typeof X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function commonNameOf(names: readonly string[]): string {
  return names.find((name) => name.length <= COMMON_NAME) ?? 'Oakum';
}

/** Sixteen random bytes in hexadecimal, positive and without leading zero (RFC 5280, 4.1.2.2). */
function randomSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

async function pemOf(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, KEY, false, ['sign']);
}

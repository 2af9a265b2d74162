import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { OakumError } from '../../errors/oakum-error.ts';

export interface CertificateFiles {
  /** PEM: the certificate of the server and those between it and a root. */
  readonly certificateFile: string;
  /** PEM; empty: the key stands in the file of the certificate. */
  readonly keyFile: string;
}

/** A certificate that fits its key, in the form that `node:tls` takes. */
export interface LoadedCertificate {
  /** PEM, the server's own first, each of the others the issuer of the one before. */
  readonly certificate: string;
  /** PEM. Never logged or shown. */
  readonly key: string;
  readonly chain: readonly X509Certificate[];
  /** Where it came from. */
  readonly file: string;
  /** Equal while the files say the same. */
  readonly digest: string;
}

/** Far above any chain; what is larger is another file. */
const MAX_BYTES = 1_048_576;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----/;

/**
 * Reads a certificate with its chain and key. The order in the file does not matter: what does not lead from the
 * certificate of the key upwards is left out.
 *
 * @throws OakumError OAK_TLS_CERTIFICATE, OAK_TLS_KEY
 */
export function loadCertificate({ certificateFile, keyFile }: CertificateFiles): LoadedCertificate {
  const certificateText = readText(certificateFile, 'OAK_TLS_CERTIFICATE');
  const keyPath = keyFile || certificateFile;
  const keyText = keyPath === certificateFile ? certificateText : readText(keyPath, 'OAK_TLS_KEY');
  const certificates = parseCertificates(certificateText, certificateFile);
  const { pem, key } = parseKey(keyText, keyPath);
  const own = certificates.find((one) => one.checkPrivateKey(key));
  if (own === undefined) {
    throw new OakumError('OAK_TLS_KEY', {
      detail: `The key in ${keyPath} belongs to none of the certificates in ${certificateFile}.`,
    });
  }
  const chain = chainFrom(own, certificates);
  const digest = createHash('sha256').update(certificateText).update('\0').update(keyText).digest('hex');
  return { certificate: chain.map(pemOf).join(''), key: pem, chain, file: certificateFile, digest };
}

/**
 * The certificates in a PEM file, for example the authorities of clients.
 *
 * @throws OakumError OAK_TLS_CERTIFICATE
 */
export function loadAuthorities(path: string): { readonly pem: string; readonly digest: string } {
  const certificates = parseCertificates(readText(path, 'OAK_TLS_CERTIFICATE'), path);
  const pem = certificates.map(pemOf).join('');
  return { pem, digest: createHash('sha256').update(pem).digest('hex') };
}

function readText(path: string, code: 'OAK_TLS_CERTIFICATE' | 'OAK_TLS_KEY'): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes, which no such file has`);
    return readFileSync(path, 'latin1');
  } catch (cause) {
    throw new OakumError(code, { detail: `${(cause as Error).message}.`, cause });
  }
}

function parseCertificates(text: string, path: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    const detail = `${path} holds no certificate in PEM ("-----BEGIN CERTIFICATE-----").`;
    throw new OakumError('OAK_TLS_CERTIFICATE', { detail });
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const detail = `Certificate ${index + 1} of ${blocks.length} in ${path} is damaged.`;
      throw new OakumError('OAK_TLS_CERTIFICATE', { detail, cause });
    }
  });
}

function parseKey(text: string, path: string): { readonly pem: string; readonly key: KeyObject } {
  const pem = KEY.exec(text)?.[0];
  if (pem === undefined) {
    const detail = `${path} holds no private key in PEM ("-----BEGIN PRIVATE KEY-----").`;
    throw new OakumError('OAK_TLS_KEY', { detail });
  }
  if (pem.includes('ENCRYPTED')) {
    const detail = `${path} is locked by a passphrase; "openssl pkey -in locked.pem -out key.pem" takes it off.`;
    throw new OakumError('OAK_TLS_KEY', { detail });
  }
  try {
    return { pem: `${pem}\n`, key: createPrivateKey(pem) };
  } catch {
    // The cause could quote what it stumbled over, and here that would be a key.
    throw new OakumError('OAK_TLS_KEY', { detail: `${path} is damaged.` });
  }
}

function chainFrom(own: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const chain = [own];
  for (let last = own; !isSelfSigned(last);) {
    const issuer = others.find((one) => !chain.includes(one) && last.checkIssued(one));
    if (issuer === undefined) break;
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}

/** Whether a certificate is a root, or one that nobody else vouches for. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.checkIssued(certificate);
}

function pemOf(certificate: X509Certificate): string {
  return certificate.toString();
}

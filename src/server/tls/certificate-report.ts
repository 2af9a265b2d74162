import { X509Certificate } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import { rootCertificates } from 'node:tls';
import { isSelfSigned, type LoadedCertificate } from './certificate-files.ts';

export interface CertificateReport {
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  /** Host names and addresses it is for. */
  readonly names: readonly string[];
  /** SHA-256 over the certificate, as Windows and openssl show it. */
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** For example "EC prime256v1" or "RSA 2048". */
  readonly key: string;
  /** Subjects, from the certificate itself upwards as they are sent. */
  readonly chain: readonly string[];
  /** What clients will stumble over, each in one sentence with its cure; empty when all is well. */
  readonly problems: readonly CertificateProblem[];
}

export interface CertificateProblem {
  readonly kind: 'expired' | 'expires-soon' | 'not-yet-valid' | 'name-missing' | 'chain' | 'weak' | 'purpose';
  readonly message: string;
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const LEAST_RSA_BITS = 2048;

/** What a certificate says, and what is wrong with it for a server that is called by `wantedNames`. */
export function reportCertificate(
  loaded: LoadedCertificate,
  nowMs: number,
  wantedNames: readonly string[] = [],
): CertificateReport {
  const [own] = loaded.chain;
  return {
    file: loaded.file,
    subject: oneLine(own.subject),
    issuer: oneLine(own.issuer),
    names: namesOf(own),
    fingerprint: own.fingerprint256,
    serialNumber: own.serialNumber,
    validFromMs: own.validFromDate.getTime(),
    validToMs: own.validToDate.getTime(),
    key: keyOf(own),
    chain: loaded.chain.map((one) => oneLine(one.subject)),
    problems: [
      ...loaded.chain.flatMap((one) => timeProblems(one, nowMs, one === own)),
      ...nameProblems(own, wantedNames),
      ...chainProblems(loaded.chain),
      ...purposeProblems(own),
    ],
  };
}

/** The host names and addresses of a certificate, in lower case. */
export function namesOf(certificate: X509Certificate): string[] {
  const entries = certificate.subjectAltName?.split(', ') ?? [];
  return entries.flatMap((entry) => {
    if (entry.startsWith('DNS:')) return [entry.slice(4).toLowerCase()];
    const address = entry.startsWith('IP Address:') ? entry.slice(11) : '';
    const version = isIP(address);
    if (version === 0) return [];
    // Written out in full by OpenSSL, and in the short form everywhere else.
    return version === 4 ? [address] : [new SocketAddress({ address, family: 'ipv6' }).address];
  });
}

/** Whether clients that call the server by this name accept the certificate. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined;
}

function timeProblems(one: X509Certificate, nowMs: number, isOwn: boolean): CertificateProblem[] {
  const which = isOwn ? 'The certificate' : `The certificate of the issuer ${oneLine(one.subject)}`;
  const from = one.validFromDate.getTime();
  const to = one.validToDate.getTime();
  const day = new Date(to).toISOString().slice(0, 10);
  if (to <= nowMs) {
    return [{ kind: 'expired', message: `${which} expired on ${day}: clients refuse it. Replace it.` }];
  }
  if (from > nowMs) {
    const message = `${which} holds from ${new Date(from).toISOString()} only. Check the clock.`;
    return [{ kind: 'not-yet-valid', message }];
  }
  if (to - nowMs < SOON_DAYS * DAY_MS) {
    return [{ kind: 'expires-soon', message: `${which} expires on ${day}. Replace it before.` }];
  }
  return [];
}

function nameProblems(own: X509Certificate, wanted: readonly string[]): CertificateProblem[] {
  return wanted
    .filter((name) => !isFor(own, name))
    .map((name) => ({
      kind: 'name-missing',
      message: `The certificate is not for ${name}: clients that use this name refuse it.`,
    }));
}

function chainProblems(chain: readonly X509Certificate[]): CertificateProblem[] {
  const last = chain.at(-1)!;
  if (isSelfSigned(last) || isPublicRoot(last.issuer)) return [];
  // Clients know roots, and nothing between: whether this issuer is a root of theirs cannot be seen from here.
  const message =
    `The issuer ${oneLine(last.issuer)} is not in the file. Unless it is a root that clients trust, append its ` +
    'certificate.';
  return [{ kind: 'chain', message }];
}

let publicRoots: ReadonlySet<string> | undefined;

function isPublicRoot(subject: string): boolean {
  publicRoots ??= new Set(rootCertificates.map((pem) => new X509Certificate(pem).subject));
  return publicRoots.has(subject);
}

function purposeProblems(own: X509Certificate): CertificateProblem[] {
  const problems: CertificateProblem[] = [];
  // A list of purposes that Node.js gives under this name; absent means any.
  const purposes: readonly string[] | undefined = own.keyUsage;
  if (purposes !== undefined && !purposes.includes(SERVER_AUTHENTICATION)) {
    problems.push({ kind: 'purpose', message: 'The certificate is not for server authentication.' });
  }
  if (own.ca) {
    problems.push({
      kind: 'purpose',
      message: 'The certificate is one of an authority, and should not be served.',
    });
  }
  const bits = own.publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < LEAST_RSA_BITS) {
    problems.push({
      kind: 'weak',
      message: `The key has ${bits} bits; Windows asks for ${LEAST_RSA_BITS}.`,
    });
  }
  if (/sha1|md5/i.test(own.signatureAlgorithm ?? '')) {
    const message = `The signature is ${own.signatureAlgorithm}, which Windows no longer trusts.`;
    problems.push({ kind: 'weak', message });
  }
  return problems;
}

function keyOf(certificate: X509Certificate): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  return [asymmetricKeyType?.toUpperCase(), namedCurve ?? modulusLength].filter(Boolean).join(' ');
}

// Node.js puts each part on a line of its own.
function oneLine(distinguishedName: string): string {
  return distinguishedName.split('\n').join(', ');
}

import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  createAuthority,
  issueServerCertificate,
  type KeyedCertificate,
} from '../../src/server/tls/certificate-authority.ts';

const DAY_MS = 86_400_000;
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** An authority for tests, and what it issues. */
export class TestAuthority {
  readonly authority: KeyedCertificate;

  private constructor(authority: KeyedCertificate) {
    this.authority = authority;
  }

  static async create(hostName: string): Promise<TestAuthority> {
    return new TestAuthority(await createAuthority({ hostName, nowMs: Date.now() - 1000 * DAY_MS }));
  }

  get ca(): string {
    return this.authority.certificate;
  }

  /** @param days that it was issued ago: one of more than 396 has expired */
  async issue(names: readonly string[], days = 0): Promise<KeyedCertificate> {
    return issueServerCertificate(this.authority, { names, nowMs: Date.now() - days * DAY_MS });
  }

  /** A certificate that a computer shows a server. */
  async issueForClient(name: string): Promise<KeyedCertificate> {
    await import('reflect-metadata');
    const x509 = await import('@peculiar/x509');
    const der = createPrivateKey(this.authority.key).export({ type: 'pkcs8', format: 'der' });
    const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [name] }],
      issuer: new x509.X509Certificate(this.ca).subjectName,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + DAY_MS),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', der, KEY, false, ['sign']),
      extensions: [new x509.ExtendedKeyUsageExtension([CLIENT_AUTHENTICATION])],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      certificate: `${certificate.toString('pem')}\n`,
      key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    };
  }
}

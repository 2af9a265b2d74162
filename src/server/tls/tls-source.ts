import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { OakumError } from '../../errors/oakum-error.ts';
import { asOakumError } from '../../soap/endpoint.ts';
import type { Logger } from '../logger.ts';
import { ownNames } from '../own-names.ts';
import type { Settings } from '../settings.ts';
import { loadAuthorities, loadCertificate, type LoadedCertificate } from './certificate-files.ts';
import { namesOf, reportCertificate } from './certificate-report.ts';
import { ensureSelfIssued, serverFile } from './self-issued.ts';

export type TlsSettings = Pick<
  Settings,
  | 'tls.certificateFile'
  | 'tls.keyFile'
  | 'tls.minVersion'
  | 'tls.clientCertificates'
  | 'tls.clientCaFile'
  | 'server.names'
>;

export interface TlsSourceOptions {
  readonly dataFolder: string;
  readonly settings: TlsSettings;
  readonly log: Logger;
  readonly now: () => number;
}

/** What a listener that speaks TLS is made of. */
export interface ListenerTls {
  /** For `createServer` of `node:https`, as things are now. */
  readonly options: TlsOptions;
  /**
   * Gives a server each new certificate from now on. It serves new connections; those that are open keep what they
   * began with. The returned function ends that.
   */
  readonly follow: (server: Replaceable) => () => void;
}

/** The part of a TLS server of `node:tls` and `node:https` that takes another certificate. */
export interface Replaceable {
  setSecureContext(options: SecureContextOptions): void;
}

interface Material {
  readonly certificate: LoadedCertificate;
  readonly clientAuthorities: string | undefined;
  readonly digest: string;
}

const CHECK_MS = 5_000;
const DAY_MS = 86_400_000;
/** A connection that says nothing is given up, as one that sends no header is. */
const HANDSHAKE_TIMEOUT_MS = 15_000;

/**
 * The certificate that listeners present, whichever process or thread they are in: read from the files of the
 * settings, or self-issued in the data folder, looked at again every few seconds and replaced without touching
 * connections. What cannot be used is logged once, and the last good one stays.
 */
export class TlsSource {
  readonly #options: TlsSourceOptions;
  readonly #servers = new Map<Replaceable, () => SecureContextOptions>();
  readonly #timer: NodeJS.Timeout;
  #material: Material;
  #checking: Promise<void> = Promise.resolve();
  #complaint = '';
  #warnedMs = 0;
  /** Told the names of each new certificate. */
  onNames: (names: readonly string[]) => void = () => undefined;

  private constructor(options: TlsSourceOptions, material: Material) {
    this.#options = options;
    this.#material = material;
    this.#warnAboutExpiry();
    this.#timer = setInterval(() => void this.check(), CHECK_MS);
    this.#timer.unref();
  }

  /**
   * Reads the certificate, and issues one where the settings name no files and there is none.
   *
   * @throws OakumError OAK_TLS_CERTIFICATE, OAK_TLS_KEY, OAK_TLS_AUTHORITY, OAK_FILE_UNWRITABLE, OAK_SETTING_INVALID
   */
  static async open(options: TlsSourceOptions): Promise<TlsSource> {
    requireClientAuthorities(options.settings);
    const failure = await issueWhenDue(options).then(() => undefined, asOakumError);
    try {
      const material = read(options);
      // A certificate that is due and cannot be renewed still serves until its end.
      if (failure !== undefined) options.log.error({ code: failure.code }, failure.message);
      return new TlsSource(options, material);
    } catch (error) {
      throw failure ?? error;
    }
  }

  get certificate(): LoadedCertificate {
    return this.#material.certificate;
  }

  /** The names in the certificate. */
  get names(): readonly string[] {
    return namesOf(this.certificate.chain[0]);
  }

  /** For a listener; `asksClients`: whether it is one where the setting `tls.clientCertificates` counts. */
  listener({ asksClients }: { readonly asksClients: boolean }): ListenerTls {
    const mode = asksClients ? this.#options.settings['tls.clientCertificates'] : 'off';
    const context = (): SecureContextOptions => this.#context(mode !== 'off');
    return {
      options: {
        ...context(),
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        requestCert: mode !== 'off',
        rejectUnauthorized: mode === 'require',
      },
      follow: (server) => {
        this.#servers.set(server, context);
        return () => void this.#servers.delete(server);
      },
    };
  }

  /** Looks at the files now, for example because somebody said that they changed. Never rejects. */
  check(): Promise<void> {
    this.#checking = this.#checking.then(() => this.#look());
    return this.#checking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  async #look(): Promise<void> {
    try {
      await issueWhenDue(this.#options, true);
      const material = read(this.#options);
      if (material.digest !== this.#material.digest) this.#adopt(material);
      this.#complaint = '';
      this.#warnAboutExpiry();
    } catch (caught) {
      const error = asOakumError(caught);
      // Somebody may be in the middle of copying; and what is wrong is said once, not every few seconds.
      if (error.message === this.#complaint) return;
      this.#complaint = error.message;
      const { code } = error;
      this.#options.log.error(
        { code, err: error.cause },
        `${error.message} The certificate from before is served.`,
      );
    }
  }

  #adopt(material: Material): void {
    const before = this.#material;
    this.#material = material;
    try {
      for (const [server, context] of this.#servers) server.setSecureContext(context());
    } catch (cause) {
      // OpenSSL may dislike what Node.js could read: a key that is too short, for example.
      this.#material = before;
      for (const [server, context] of this.#servers) server.setSecureContext(context());
      throw new OakumError('OAK_TLS_CERTIFICATE', { detail: `${(cause as Error).message}.`, cause });
    }
    this.#warnedMs = 0;
    this.onNames(this.names);
    const { fingerprint, validToMs } = this.#report();
    this.#options.log.info(
      { fingerprint, validTo: new Date(validToMs).toISOString() },
      'the TLS certificate was replaced',
    );
  }

  #context(withClientAuthorities: boolean): SecureContextOptions {
    const { certificate, clientAuthorities } = this.#material;
    return {
      cert: certificate.certificate,
      key: certificate.key,
      minVersion: this.#options.settings['tls.minVersion'] === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
      ...(withClientAuthorities && clientAuthorities !== undefined && { ca: clientAuthorities }),
    };
  }

  #report(): ReturnType<typeof reportCertificate> {
    return reportCertificate(this.certificate, this.#options.now());
  }

  // Once a day, until somebody does something about it.
  #warnAboutExpiry(): void {
    const nowMs = this.#options.now();
    if (nowMs - this.#warnedMs < DAY_MS) return;
    this.#warnedMs = nowMs;
    for (const { kind, message } of this.#report().problems) {
      const entry = { code: 'OAK_TLS_EXPIRY', problem: kind, file: this.certificate.file };
      if (kind === 'expired' || kind === 'not-yet-valid') this.#options.log.error(entry, message);
      else if (kind === 'expires-soon') this.#options.log.warn(entry, message);
    }
  }
}

function requireClientAuthorities(settings: TlsSettings): void {
  if (settings['tls.clientCertificates'] === 'off' || settings['tls.clientCaFile'] !== '') return;
  throw new OakumError('OAK_SETTING_INVALID', {
    detail:
      `"tls.clientCertificates" is "${settings['tls.clientCertificates']}", and "tls.clientCaFile" does not name the ` +
      'authorities that issue them.',
  });
}

// Names are looked at when a server starts: what comes and goes with each container on this computer should not
// change a certificate that clients were told of.
async function issueWhenDue(
  { dataFolder, settings, log, now }: TlsSourceOptions,
  whenOldOnly = false,
): Promise<void> {
  if (settings['tls.certificateFile'] !== '') return;
  const { outcome } = await ensureSelfIssued({
    dataFolder,
    names: ownNames(settings['server.names']),
    nowMs: now(),
    whenOldOnly,
  });
  if (outcome === 'created') {
    log.warn(
      { folder: `${dataFolder}/tls` },
      'a certification authority was made for this server; clients must be told to trust it, see "oakum tls steps"',
    );
  }
}

function read({ dataFolder, settings }: TlsSourceOptions): Material {
  const certificate = loadCertificate(certificateFiles(dataFolder, settings));
  const clients =
    settings['tls.clientCertificates'] === 'off' ? undefined : loadAuthorities(settings['tls.clientCaFile']);
  return {
    certificate,
    clientAuthorities: clients?.pem,
    digest: `${certificate.digest} ${clients?.digest ?? ''}`,
  };
}

/** The files that certificate and key are in: those of the settings, or those of the data folder. */
export function certificateFiles(
  dataFolder: string,
  settings: Pick<Settings, 'tls.certificateFile' | 'tls.keyFile'>,
): { readonly certificateFile: string; readonly keyFile: string } {
  const certificateFile = settings['tls.certificateFile'];
  if (certificateFile === '') return { certificateFile: serverFile(dataFolder), keyFile: '' };
  return { certificateFile, keyFile: settings['tls.keyFile'] };
}

import type { Buffer } from 'node:buffer';
import {
  clientService,
  GetConfig,
  GetCookie,
  RefreshCache,
  RegisterComputer,
} from '../../src/protocol/wusp/client.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import type { Cookie } from '../../src/protocol/wusp/common.ts';
import type { ComplexType, Decoded } from '../../src/soap/message-type.ts';
import type { Operation, ServiceDeclaration } from '../../src/soap/service.ts';
import { dateTimeFromMs, type DateTime, type Guid } from '../../src/soap/simple-type.ts';
import type { UpdateIdentity } from '../../src/metadata/update-identity.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { CallFailure, type RecoverableFault } from './call-failure.ts';
import type { ComputerLine } from './computer-line.ts';
import type { ComputerPopulation } from './computer-population.ts';
import type { FleetTally } from './fleet-tally.ts';
import { requestBody, type WireCookie } from './request-body.ts';

/** The server's configuration, which all computers of a process share: only its age could differ. */
export interface SharedConfig {
  lastChange: DateTime | undefined;
  authorizationPath: string;
}

export interface ComputerSessionOptions {
  readonly line: ComputerLine;
  readonly population: ComputerPopulation;
  readonly config: SharedConfig;
  readonly tally: FleetTally;
  readonly persona: Persona;
  readonly computer: number;
  readonly clientId: string;
  readonly dnsName: string;
  /** Simulated seconds. */
  readonly nowSeconds: () => number;
  /** What RefreshCache asks for after a fault that asks for it. */
  readonly held: () => readonly UpdateIdentity[];
}

const MAX_RECOVERIES = 4;
const REFRESH_BATCH = 200;

/** The handshake of a scripted computer, and what it does when the server objects ([MS-WUSP] 2.2.2.4). */
export class ComputerSession {
  readonly #options: ComputerSessionOptions;

  constructor(options: ComputerSessionOptions) {
    this.#options = options;
  }

  /** A call with the cookie, which is renewed when it is due. A fault that has a recovery is no error. */
  async call<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    body: (cookie: WireCookie) => Buffer,
  ): Promise<Decoded<O>> {
    for (let recoveries = 0; ; recoveries++) {
      const cookie = this.#cookie() ?? (await this.renewCookie());
      try {
        return await this.#options.line.call(service, operation, body(cookie));
      } catch (error) {
        const fault = error instanceof CallFailure ? error.recoverableFault : undefined;
        if (fault === undefined) throw error;
        if (recoveries >= MAX_RECOVERIES) throw new CallFailure('too many recoveries', { cause: error });
        this.#options.tally.count(`recoveries from ${fault}`);
        await this.#recover(fault);
      }
    }
  }

  /** Starts as a computer without a cookie: a new one, or one that has to begin again. */
  async beginAnew(): Promise<void> {
    this.#options.population.forgetCookie(this.#options.computer);
    await this.getConfig();
    await this.renewCookie();
  }

  async getConfig(): Promise<void> {
    const { line, persona, config } = this.#options;
    const request = requestBody(clientService, GetConfig, { protocolVersion: persona.protocolVersion });
    const { GetConfigResult: result } = await line.call(clientService, GetConfig, request);
    config.lastChange = result?.LastChange ?? undefined;
    config.authorizationPath = result?.AuthInfo?.[0]?.ServiceUrl || simpleAuthService.path;
  }

  async renewCookie(): Promise<WireCookie> {
    const { line, population, computer, clientId, dnsName, config, persona, nowSeconds } = this.#options;
    if (config.lastChange === undefined) await this.getConfig();
    const { GetAuthorizationCookieResult: granted } = await line.call(
      simpleAuthService,
      GetAuthorizationCookie,
      requestBody(simpleAuthService, GetAuthorizationCookie, { clientId, dnsName }),
      config.authorizationPath,
    );
    if (!granted?.CookieData) throw new CallFailure('no authorization cookie');
    const currentTime = dateTimeFromMs(Math.floor(Date.now() / 1000) * 1000);
    const { GetCookieResult: result } = await line.call(
      clientService,
      GetCookie,
      requestBody(clientService, GetCookie, {
        authCookies: [{ PlugInId: granted.PlugInId ?? '', CookieData: granted.CookieData }],
        // On first contact agents send an Expiration without data (observed).
        oldCookie: population.lastCookie(computer) ?? { Expiration: currentTime },
        lastChange: config.lastChange ?? currentTime,
        currentTime,
        protocolVersion: persona.protocolVersion,
      }),
    );
    const cookie = wireCookie(result);
    if (cookie === undefined) throw new CallFailure('no cookie');
    population.giveCookie(computer, cookie, nowSeconds());
    return cookie;
  }

  async register(): Promise<void> {
    const { line, persona, dnsName } = this.#options;
    const cookie = this.#cookie() ?? (await this.renewCookie());
    const computerInfo = { ...persona.computerInfo, DnsName: dnsName };
    const request = requestBody(clientService, RegisterComputer, { cookie, computerInfo });
    await line.call(clientService, RegisterComputer, request);
  }

  async refreshCache(): Promise<void> {
    const { line, held } = this.#options;
    const updates = held();
    for (let at = 0; at < updates.length; at += REFRESH_BATCH) {
      const cookie = this.#cookie() ?? (await this.renewCookie());
      const globalIDs = updates.slice(at, at + REFRESH_BATCH).map((one) => ({
        UpdateID: one.updateId as string as Guid,
        RevisionNumber: one.revisionNumber,
      }));
      await line.call(
        clientService,
        RefreshCache,
        requestBody(clientService, RefreshCache, { cookie, globalIDs }),
      );
    }
  }

  adopt(cookie: Decoded<typeof Cookie> | null | undefined): void {
    const taken = wireCookie(cookie);
    if (taken !== undefined) this.#options.population.replaceCookie(this.#options.computer, taken);
  }

  #cookie(): WireCookie | undefined {
    return this.#options.population.cookie(this.#options.computer, this.#options.nowSeconds());
  }

  async #recover(faultCode: RecoverableFault): Promise<void> {
    switch (faultCode) {
      case 'InvalidCookie':
      case 'ServerChanged':
        await this.beginAnew();
        return this.refreshCache();
      case 'ConfigChanged':
        await this.getConfig();
        await this.renewCookie();
        return;
      case 'CookieExpired':
      case 'InvalidAuthorizationCookie':
        await this.renewCookie();
        return;
      case 'RegistrationRequired':
        return this.register();
    }
  }
}

function wireCookie(cookie: Decoded<typeof Cookie> | null | undefined): WireCookie | undefined {
  if (!cookie?.Expiration || !cookie.EncryptedData) return undefined;
  return { Expiration: cookie.Expiration, EncryptedData: cookie.EncryptedData };
}

import { Buffer } from 'node:buffer';
import {
  clientService,
  GetConfig,
  GetCookie,
  GetFileLocations,
  RefreshCache,
  RegisterComputer,
} from '../protocol/wusp/client.ts';
import type { Cookie } from '../protocol/wusp/common.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import type { ComplexType, Decoded, Encodable } from '../soap/message-type.ts';
import type { Operation, ServiceDeclaration } from '../soap/service.ts';
import { dateTimeFromMs, dateTimeToMs, type DateTime, type Guid } from '../soap/simple-type.ts';
import { AgentFailure } from './agent-failure.ts';
import type { AgentState, HeldCookie, HeldUpdate, KnownConfig } from './agent-state.ts';
import { failureOf } from './failure-of.ts';
import { heldDeployment } from './held-deployment.ts';
import type { Persona } from './persona.ts';
import { SoapFault, type SoapCaller } from './soap-caller.ts';

/** The path the agent posts to, in its letter case (observed). */
export const CLIENT_PATH = '/ClientWebService/client.asmx';

/** Real agents give up after this many forced handshakes in a row. */
const MAX_RECOVERIES = 4;

/** RefreshCache is asked for in batches of this size. */
const REFRESH_BATCH = 200;

/** Digests in one GetFileLocations. */
const LOCATION_BATCH = 100;

/** The faults after which a client goes on ([MS-WUSP] 2.2.2.4). */
const RECOVERABLE: ReadonlySet<string> = new Set([
  'InvalidCookie',
  'ServerChanged',
  'ConfigChanged',
  'CookieExpired',
  'InvalidAuthorizationCookie',
  'RegistrationRequired',
  'FileLocationChanged',
]);

export interface AgentSessionOptions {
  readonly caller: SoapCaller;
  readonly persona: Persona;
  readonly state: AgentState;
  readonly now: () => number;
  /** Told of each recovery, for whoever wants to show it. */
  readonly onRecovery?: (errorCode: string) => void;
}

/** The handshake of an agent, cached between calls, and what it does when a server objects. */
export class AgentSession {
  readonly #options: AgentSessionOptions;

  constructor(options: AgentSessionOptions) {
    this.#options = options;
  }

  /** Makes sure that there is a cookie that has not expired, and that the computer is registered. */
  async ready(): Promise<void> {
    const { state, now } = this.#options;
    await this.#recovering(async () => {
      if (state.config === undefined) await this.#getConfig();
      if (state.cookie === undefined || dateTimeToMs(state.cookie.expiration) <= now())
        await this.#renewCookie();
      if (state.config?.registrationRequired === true && state.registeredAs !== this.#registration())
        await this.#register();
    });
  }

  /**
   * Calls an operation that takes the cookie, and recovers from every fault that has a recovery
   * ([MS-WUSP] 2.2.2.4).
   *
   * @param request makes the message; made anew after a recovery, because ids may have changed with it
   * @throws AgentFailure with the code a real agent would log
   */
  call<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    request: (cookie: Encodable<typeof Cookie>) => Encodable<I>,
    path = service === clientService ? CLIENT_PATH : service.path,
  ): Promise<Decoded<O>> {
    return this.#recovering(async () => {
      if (this.#options.state.cookie === undefined) await this.#renewCookie();
      return this.#options.caller.call(service, operation, request(this.#wireCookie()), path);
    });
  }

  /** Calls an operation that takes no cookie. */
  callOpen<I extends ComplexType, O extends ComplexType>(
    operation: Operation<I, O>,
    request: Encodable<I>,
  ): Promise<Decoded<O>> {
    return this.#recovering(() => this.#options.caller.call(clientService, operation, request, CLIENT_PATH));
  }

  /** Takes over a cookie that came with an answer. */
  adopt(cookie: Decoded<typeof Cookie> | null | undefined): void {
    if (!cookie?.EncryptedData || !cookie.Expiration) return;
    this.#options.state.cookie = { expiration: cookie.Expiration, data: cookie.EncryptedData };
  }

  async #recovering<T>(task: () => Promise<T>): Promise<T> {
    let pending: SoapFault | undefined;
    for (let faults = 0; ;) {
      try {
        // A recovery that is refused itself gives way to the recovery from that.
        if (pending !== undefined) await this.#recover(pending);
        pending = undefined;
        return await task();
      } catch (error) {
        if (!(error instanceof SoapFault)) throw failureOf(error, 'WU_E_INVALID_FORMAT');
        if (++faults > MAX_RECOVERIES && RECOVERABLE.has(error.errorCode)) {
          throw new AgentFailure(
            'WU_E_TOO_MANY_RESYNC',
            `the server goes on answering ${error.errorCode}`,
            error,
          );
        }
        pending = error;
      }
    }
  }

  async #recover(fault: SoapFault): Promise<void> {
    const { onRecovery } = this.#options;
    if (RECOVERABLE.has(fault.errorCode)) onRecovery?.(fault.errorCode);
    switch (fault.errorCode) {
      case 'InvalidCookie':
      case 'ServerChanged':
        return this.#startAgain();
      case 'ConfigChanged':
        await this.#getConfig();
        return this.#renewCookie();
      case 'CookieExpired':
      case 'InvalidAuthorizationCookie':
        return this.#renewCookie();
      case 'RegistrationRequired':
        return this.#register();
      case 'FileLocationChanged':
        return this.#refreshFileLocations();
      case 'ServerBusy':
        throw new AgentFailure('WU_E_PT_LOAD_SHEDDING', fault.message, fault);
      case 'RegistrationNotRequired':
        throw new AgentFailure('WU_E_PT_REGISTRATION_NOT_SUPPORTED', fault.message, fault);
      default:
        throw new AgentFailure('WU_E_PT_SOAPCLIENT_SOAPFAULT', fault.message, fault);
    }
  }

  /**
   * A server that is not the one the cookie came from. The new cookie is kept only when the cache has that
   * server's ids: were the old one gone after half of this, the next scan would tell the server ids that mean
   * something else there.
   */
  async #startAgain(): Promise<void> {
    await this.#getConfig();
    const cookie = await this.#newCookie(undefined);
    await this.#refreshCache(cookie);
    this.#options.state.cookie = cookie;
  }

  async #getConfig(): Promise<KnownConfig> {
    const { caller, persona, state } = this.#options;
    const answer = await caller.call(
      clientService,
      GetConfig,
      { protocolVersion: persona.protocolVersion },
      CLIENT_PATH,
    );
    const config = answer.GetConfigResult;
    const plugIn = config?.AuthInfo?.[0];
    if (!config?.LastChange) throw new AgentFailure('WU_E_INVALID_FORMAT', 'GetConfig names no LastChange');
    if (!plugIn)
      throw new AgentFailure('WU_E_PT_NO_AUTH_PLUGINS_REQUESTED', 'GetConfig names no authorization plug-in');
    const property = (name: string): string | null | undefined =>
      config.Properties?.find((one) => one.Name === name)?.Value;
    for (const name of [
      'MaxExtendedUpdatesPerRequest',
      'ProtocolVersion',
      'IsInventoryRequired',
      'ClientReportingLevel',
    ]) {
      // Old agents need the first only; current ones refuse the configuration without the others.
      const needed = name === 'MaxExtendedUpdatesPerRequest' || persona.modern;
      if (needed && !property(name))
        throw new AgentFailure('WU_E_PT_CONFIG_PROP_MISSING', `GetConfig names no ${name}`);
    }
    const maxExtendedUpdates = Number(property('MaxExtendedUpdatesPerRequest'));
    if (!Number.isSafeInteger(maxExtendedUpdates) || maxExtendedUpdates < 1)
      throw new AgentFailure('WU_E_PT_INVALID_CONFIG_PROP', 'MaxExtendedUpdatesPerRequest is no number');
    state.config = {
      lastChange: config.LastChange,
      registrationRequired: config.IsRegistrationRequired === true,
      authorizationPath: plugIn.ServiceUrl || simpleAuthService.path,
      maxExtendedUpdates,
      serverProtocolVersion: property('ProtocolVersion') ?? '',
    };
    return state.config;
  }

  async #renewCookie(): Promise<void> {
    const { state } = this.#options;
    state.cookie = await this.#newCookie(state.cookie);
  }

  async #newCookie(old: HeldCookie | undefined): Promise<HeldCookie> {
    const { caller, persona, state, now } = this.#options;
    const { authorizationPath, lastChange } = state.config ?? (await this.#getConfig());
    const authorization = await caller.call(
      simpleAuthService,
      GetAuthorizationCookie,
      { clientId: state.clientId, dnsName: dnsNameOf(persona) },
      authorizationPath,
    );
    const granted = authorization.GetAuthorizationCookieResult;
    if (!granted?.CookieData)
      throw new AgentFailure('WU_E_PT_NO_AUTH_COOKIES_CREATED', 'no authorization cookie came');
    const currentTime = wireTime(now());
    const answer = await caller.call(
      clientService,
      GetCookie,
      {
        authCookies: [{ PlugInId: granted.PlugInId ?? '', CookieData: granted.CookieData }],
        // On first contact the agent sends an Expiration without data (observed).
        oldCookie: old === undefined ? { Expiration: currentTime } : wireCookie(old),
        lastChange,
        currentTime,
        protocolVersion: persona.protocolVersion,
      },
      CLIENT_PATH,
    );
    const cookie = answer.GetCookieResult;
    if (!cookie?.EncryptedData || !cookie.Expiration)
      throw new AgentFailure('WU_E_INVALID_FORMAT', 'no cookie came');
    return { expiration: cookie.Expiration, data: cookie.EncryptedData };
  }

  #registration(): string {
    return JSON.stringify(this.#options.persona.computerInfo);
  }

  async #register(): Promise<void> {
    const { caller, persona, state } = this.#options;
    const request = { cookie: this.#wireCookie(), computerInfo: persona.computerInfo };
    await caller.call(clientService, RegisterComputer, request, CLIENT_PATH);
    state.registeredAs = this.#registration();
  }

  /** Asks for this server's ids of everything cached; what it does not know is dropped and comes again. */
  async #refreshCache(cookie: HeldCookie): Promise<void> {
    const { caller, state } = this.#options;
    const held = [...state.updates.values()];
    const kept = new Map<number, HeldUpdate>();
    for (let at = 0; at < held.length; at += REFRESH_BATCH) {
      const batch = held.slice(at, at + REFRESH_BATCH);
      const byIdentity = new Map(
        batch.map((update) => [`${update.updateId}/${update.revisionNumber}`, update]),
      );
      const answer = await caller.call(
        clientService,
        RefreshCache,
        {
          cookie: wireCookie(cookie),
          globalIDs: batch.map((one) => ({
            UpdateID: one.updateId as Guid,
            RevisionNumber: one.revisionNumber,
          })),
        },
        CLIENT_PATH,
      );
      for (const result of answer.RefreshCacheResult ?? []) {
        const update = byIdentity.get(`${result.GlobalID?.UpdateID}/${result.GlobalID?.RevisionNumber}`);
        if (update === undefined || typeof result.RevisionID !== 'number') continue;
        kept.set(result.RevisionID, {
          ...update,
          id: result.RevisionID,
          isLeaf: result.IsLeaf ?? update.isLeaf,
          deployment: result.Deployment ? heldDeployment(result.Deployment) : update.deployment,
        });
      }
    }
    state.updates = kept;
  }

  /** Asks for every known file's location again; the cookie that comes with the answer knows of it. */
  async #refreshFileLocations(): Promise<void> {
    const { caller, state } = this.#options;
    const digests = [...state.fileLocations.keys()];
    const locations = new Map<string, string>();
    let at = 0;
    // At least once, for the cookie.
    do {
      const batch = digests.slice(at, at + LOCATION_BATCH);
      const answer = await caller.call(
        clientService,
        GetFileLocations,
        { cookie: this.#wireCookie(), fileDigests: batch.map((digest) => Buffer.from(digest, 'base64')) },
        CLIENT_PATH,
      );
      for (const { FileDigest, Url } of answer.GetFileLocationsResult?.FileLocations ?? []) {
        if (FileDigest && Url) locations.set(FileDigest.toString('base64'), Url);
      }
      this.adopt(answer.GetFileLocationsResult?.NewCookie);
      at += LOCATION_BATCH;
    } while (at < digests.length);
    state.fileLocations = locations;
  }

  #wireCookie(): Encodable<typeof Cookie> {
    const { cookie } = this.#options.state;
    if (cookie === undefined) throw new AgentFailure('WU_E_PT_REFRESH_CACHE_REQUIRED', 'there is no cookie');
    return wireCookie(cookie);
  }
}

function dnsNameOf(persona: Persona): string {
  const { DnsName } = persona.computerInfo;
  return typeof DnsName === 'string' ? DnsName : 'localhost';
}

function wireCookie({ expiration, data }: HeldCookie): Encodable<typeof Cookie> {
  return { Expiration: expiration, EncryptedData: data };
}

/** An instant on the wire, whole seconds, as the agent writes its own clock. */
function wireTime(ms: number): DateTime {
  return dateTimeFromMs(Math.floor(ms / 1000) * 1000);
}

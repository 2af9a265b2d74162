import { randomUUID } from 'node:crypto';
import {
  clientService,
  GetConfig,
  GetCookie,
  RegisterComputer,
  SyncPrinterCatalog,
  SyncUpdates,
  type ComputerInfo,
  type SyncInfo,
  type SyncUpdateParameters,
  type UpdateInfo,
} from '../../src/protocol/wusp/client.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import type { Decoded, Encodable } from '../../src/soap/message-type.ts';
import { dateTimeFromMs, type DateTime, type Guid } from '../../src/soap/simple-type.ts';
import { SoapClient } from './soap-client.ts';

export interface WireCookie {
  readonly Expiration: DateTime;
  readonly EncryptedData?: Buffer | null;
}

export interface WireAuthorizationCookie {
  readonly PlugInId?: string | null;
  readonly CookieData?: Buffer | null;
}

export type SentUpdate = Decoded<typeof UpdateInfo>;

/** What a computer of the tests registers. */
export const COMPUTER_INFO = {
  DnsName: 'pc-1.example.com',
  OSMajorVersion: 10,
  OSMinorVersion: 0,
  OSBuildNumber: 26_200,
  OSServicePackMajorNumber: 0,
  OSServicePackMinorNumber: 0,
  OSLocale: 'en-US',
  ComputerManufacturer: 'Example',
  ComputerModel: 'Desk One',
  BiosVersion: '1.2',
  BiosName: 'Example BIOS',
  BiosReleaseDate: '2022-02-02T00:00:00Z' as DateTime,
  ProcessorArchitecture: 'AMD64',
  SuiteMask: 256,
  OldProductType: 1,
  NewProductType: 48,
  SystemMetrics: 0,
  ClientVersionMajorNumber: 1507,
  ClientVersionMinorNumber: 2601,
  ClientVersionBuildNumber: 30_012,
  ClientVersionQfeNumber: 0,
  OSDescription: 'Windows 10 Pro',
  DeviceType: 'Desk One',
  FirmwareVersion: 'unknown',
  MobileOperator: 'Not Present',
} as const satisfies Encodable<typeof ComputerInfo>;

/** What a computer needs to know of a server. */
export interface ServerInReach {
  readonly url: string;
  readonly clock: { now(): number };
}

/** A computer that keeps what an agent keeps, and calls the server as an agent does. */
export class TestComputer implements Disposable {
  readonly client: SoapClient;
  readonly clientId = randomUUID();
  dnsName = 'pc-1.example.com';
  protocolVersion = '2.90';
  lastChange: DateTime | undefined;
  authorization: WireAuthorizationCookie | undefined;
  cookie: WireCookie | undefined;
  /** Revision ids, as the agent sorts them into its lists. */
  installed: number[] = [];
  cached: number[] = [];
  readonly #now: () => number;

  constructor(server: ServerInReach) {
    this.client = new SoapClient(() => server.url);
    this.#now = () => server.clock.now();
  }

  /** A computer that has gone through its whole handshake. */
  static async registered(server: ServerInReach): Promise<TestComputer> {
    const computer = new TestComputer(server);
    await computer.handshake();
    await computer.register();
    return computer;
  }

  async handshake(): Promise<void> {
    await this.getConfig();
    await this.authorize();
    await this.getCookie();
  }

  async getConfig(): Promise<NonNullable<Decoded<typeof GetConfig.response>['GetConfigResult']>> {
    const { GetConfigResult } = await this.client.call(clientService, GetConfig, {
      protocolVersion: this.protocolVersion,
    });
    this.lastChange = GetConfigResult?.LastChange ?? undefined;
    return GetConfigResult ?? {};
  }

  async authorize(
    change: Partial<Encodable<typeof GetAuthorizationCookie.request>> = {},
  ): Promise<WireAuthorizationCookie> {
    const { GetAuthorizationCookieResult: cookie } = await this.client.call(
      simpleAuthService,
      GetAuthorizationCookie,
      { clientId: this.clientId, dnsName: this.dnsName, ...change },
    );
    this.authorization = cookie as WireAuthorizationCookie;
    return this.authorization;
  }

  async getCookie(change: Partial<Encodable<typeof GetCookie.request>> = {}): Promise<WireCookie> {
    const currentTime = dateTimeFromMs(this.#now());
    const { GetCookieResult: cookie } = await this.client.call(clientService, GetCookie, {
      authCookies: this.authorization === undefined ? [] : [this.authorization],
      // Agents send no more than this on first contact.
      oldCookie: this.cookie ?? { Expiration: currentTime },
      lastChange: this.lastChange ?? currentTime,
      currentTime,
      protocolVersion: this.protocolVersion,
      ...change,
    });
    this.cookie = cookie as WireCookie;
    return this.cookie;
  }

  async register(change: Partial<Encodable<typeof ComputerInfo>> = {}): Promise<void> {
    await this.client.call(clientService, RegisterComputer, {
      cookie: this.cookie,
      computerInfo: { ...COMPUTER_INFO, DnsName: this.dnsName, ...change },
    });
  }

  /** One software call with the lists of this computer; keeps the new cookie. */
  async syncUpdates(
    change: Partial<Encodable<typeof SyncUpdateParameters>> = {},
  ): Promise<Decoded<typeof SyncInfo>> {
    const { SyncUpdatesResult: answer } = await this.client.call(clientService, SyncUpdates, {
      cookie: this.cookie,
      parameters: {
        ExpressQuery: false,
        InstalledNonLeafUpdateIDs: this.installed.length > 0 ? this.installed : undefined,
        OtherCachedUpdateIDs: this.cached.length > 0 ? this.cached : undefined,
        SkipSoftwareSync: false,
        ComputerSpec: {},
        ...change,
      },
    });
    return this.#keep(answer);
  }

  /** The driver pass, for devices without a driver that have these hardware ids. */
  driverPass(hardwareIds: readonly string[]): Promise<Decoded<typeof SyncInfo>> {
    return this.syncUpdates({
      OtherCachedUpdateIDs: undefined,
      SystemSpec: hardwareIds.map((id) => ({ HardwareIDs: [id] })),
      SkipSoftwareSync: true,
    });
  }

  async syncPrinterCatalog(): Promise<Decoded<typeof SyncInfo>> {
    const { SyncPrinterCatalogResult: answer } = await this.client.call(clientService, SyncPrinterCatalog, {
      cookie: this.cookie,
      installedNonLeafUpdateIDs: this.installed,
      printerUpdateIDs: [],
    });
    return this.#keep(answer);
  }

  #keep(answer: Decoded<typeof SyncInfo> | null | undefined): Decoded<typeof SyncInfo> {
    if (answer?.NewCookie) this.cookie = answer.NewCookie as WireCookie;
    return answer ?? {};
  }

  /**
   * The software loop ([MS-WUSP] 2.2.2.2.4), taking every non-leaf update for installed: until nothing new
   * can change what the computer needs. Returns what each call brought.
   */
  async scan(change: Partial<Encodable<typeof SyncUpdateParameters>> = {}): Promise<SentUpdate[][]> {
    const rounds: SentUpdate[][] = [];
    for (;;) {
      const answer = await this.syncUpdates(change);
      const updates = answer.NewUpdates ?? [];
      rounds.push([...updates]);
      for (const update of updates)
        (update.IsLeaf === false ? this.installed : this.cached).push(update.ID ?? 0);
      this.installed.sort((one, other) => one - other);
      const goesOn = answer.Truncated === true || updates.some((update) => update.IsLeaf === false);
      if (!goesOn) return rounds;
    }
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }
}

/** The UpdateID that a Core fragment states. */
export function identityOf(update: SentUpdate): Guid | undefined {
  return /UpdateID="([^"]+)"/.exec(update.Xml ?? '')?.[1]?.toLowerCase() as Guid | undefined;
}

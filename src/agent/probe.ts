import { randomUUID } from 'node:crypto';
import { OakumError } from '../errors/oakum-error.ts';
import {
  clientService,
  GetConfig,
  GetCookie,
  RegisterComputer,
  SyncUpdates,
  type UpdateInfo,
} from '../protocol/wusp/client.ts';
import type { Cookie } from '../protocol/wusp/common.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import type { Decoded } from '../soap/message-type.ts';
import { dateTimeFromMs, type DateTime } from '../soap/simple-type.ts';
import { profile } from './machine/profiles/profile.ts';
import { personaOf } from './persona-of-profile.ts';
import { SoapCaller, type ExchangeReport } from './soap-caller.ts';

/** What the probe registers as. */
const PROFILE = profile('windows-11-25h2');

/** Which non-leaf updates the probe says it has installed: it evaluates no rules. */
export type ProbeAssumption = 'trivial' | 'all';

export interface ProbeOptions {
  readonly url: string;
  readonly assume: ProbeAssumption;
  /** SyncUpdates calls at most. Real agents give up after 200. */
  readonly maxRounds: number;
  readonly now: () => number;
  /** Authorities in PEM that are trusted over https instead of the public ones. */
  readonly ca?: string;
}

export interface ProbeRound {
  readonly round: number;
  /** Ids the probe listed. */
  readonly installed: number;
  readonly cached: number;
  readonly newUpdates: number;
  readonly newNonLeaf: number;
  readonly outOfScope: number;
  readonly changed: number;
  readonly truncated: boolean;
  readonly exchange: ExchangeReport;
}

export interface ProbeReport {
  readonly url: string;
  readonly serverProtocolVersion: string;
  readonly lastChange: string;
  readonly registrationRequired: boolean;
  readonly handshake: readonly ExchangeReport[];
  readonly rounds: readonly ProbeRound[];
  readonly updates: number;
  /** Updates by the action the server told. */
  readonly actions: Readonly<Record<string, number>>;
  /** Why it ended before the server had nothing new, if it did. */
  readonly stopped?: string;
}

type WireCookie = Decoded<typeof Cookie>;

// Real WSUS refuses a request that lists more installed updates.
const MAX_INSTALLED = 400;

const CLIENT_PROTOCOL_VERSION = '2.90';

/**
 * Does the whole handshake of a Windows Update Agent and one staged scan against any WSUS-compatible
 * server, and tells what it saw.
 *
 * @throws OakumError OAK_PEER_UNREACHABLE, OAK_PEER_ANSWER, OAK_PEER_FAULT
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const exchanges: ExchangeReport[] = [];
  using caller = new SoapCaller(options.url, {
    userAgent: `Windows-Update-Agent/1507.2601.30012.0 Client-Protocol/${CLIENT_PROTOCOL_VERSION}`,
    timeoutMs: 60_000,
    maxAnswerBytes: 512 * 1024 * 1024,
    onExchange: (report) => exchanges.push(report),
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  const { config, cookie } = await handshake(caller, options.now);
  const handshakeExchanges = exchanges.splice(0);
  const scan = await scanStaged(caller, cookie, options, exchanges);
  return {
    url: options.url,
    serverProtocolVersion: propertyOf(config, 'ProtocolVersion'),
    lastChange: config.LastChange ?? '',
    registrationRequired: config.IsRegistrationRequired === true,
    handshake: handshakeExchanges,
    ...scan,
  };
}

type Config = NonNullable<NonNullable<Decoded<typeof GetConfig.response>['GetConfigResult']>>;

async function handshake(
  caller: SoapCaller,
  now: () => number,
): Promise<{ readonly config: Config; readonly cookie: WireCookie }> {
  const config = (await caller.call(clientService, GetConfig, { protocolVersion: CLIENT_PROTOCOL_VERSION }))
    .GetConfigResult;
  const plugIn = config?.AuthInfo?.[0];
  if (!config?.LastChange || !plugIn)
    throw incomplete('GetConfig names no LastChange or no authorization plug-in');
  const authorization = await caller.call(
    simpleAuthService,
    GetAuthorizationCookie,
    { clientId: randomUUID(), dnsName: 'oakum-probe' },
    plugIn.ServiceUrl || simpleAuthService.path,
  );
  const granted = authorization.GetAuthorizationCookieResult;
  if (!granted?.CookieData) throw incomplete('GetAuthorizationCookie grants no cookie');
  const currentTime = dateTimeFromMs(now());
  const { GetCookieResult: cookie } = await caller.call(clientService, GetCookie, {
    authCookies: [{ PlugInId: granted.PlugInId ?? '', CookieData: granted.CookieData }],
    oldCookie: { Expiration: currentTime },
    lastChange: config.LastChange,
    currentTime,
    protocolVersion: CLIENT_PROTOCOL_VERSION,
  });
  if (!cookie?.EncryptedData || !cookie.Expiration) throw incomplete('GetCookie gives no cookie');
  if (config.IsRegistrationRequired === true) await register(caller, cookie);
  return { config, cookie };
}

async function register(caller: SoapCaller, cookie: WireCookie): Promise<void> {
  await caller.call(clientService, RegisterComputer, {
    cookie: wire(cookie),
    computerInfo: personaOf(PROFILE, PROFILE.machine, 'oakum-probe').computerInfo,
  });
}

type Scan = Pick<ProbeReport, 'rounds' | 'updates' | 'actions' | 'stopped'>;

async function scanStaged(
  caller: SoapCaller,
  first: WireCookie,
  options: ProbeOptions,
  exchanges: readonly ExchangeReport[],
): Promise<Scan> {
  let cookie = first;
  const installed: number[] = [];
  const cached: number[] = [];
  const actions: Record<string, number> = {};
  const rounds: ProbeRound[] = [];
  const result = (stopped?: string): Scan => ({
    rounds,
    updates: installed.length + cached.length,
    actions,
    ...(stopped === undefined ? {} : { stopped }),
  });
  for (let round = 1; round <= options.maxRounds; round++) {
    const listed = { installed: installed.length, cached: cached.length };
    const { SyncUpdatesResult: info } = await caller.call(clientService, SyncUpdates, {
      cookie: wire(cookie),
      parameters: {
        ExpressQuery: false,
        InstalledNonLeafUpdateIDs:
          installed.length > 0 ? installed.toSorted((one, other) => one - other) : undefined,
        OtherCachedUpdateIDs: cached.length > 0 ? cached.toSorted((one, other) => one - other) : undefined,
        SkipSoftwareSync: false,
        NeedTwoGroupOutOfScopeUpdates: true,
        AlsoPerformRegularSync: true,
        ComputerSpec: {},
      },
    });
    if (!info) throw incomplete('SyncUpdates gives no result');
    const news = info.NewUpdates ?? [];
    const nonLeaf = news.filter((update) => update.IsLeaf === false);
    rounds.push({
      round,
      ...listed,
      newUpdates: news.length,
      newNonLeaf: nonLeaf.length,
      outOfScope: info.OutOfScopeRevisionIDs?.length ?? 0,
      changed: info.ChangedUpdates?.length ?? 0,
      truncated: info.Truncated === true,
      exchange: exchanges.at(-1)!,
    });
    for (const update of news) {
      const action = update.Deployment?.Action ?? 'none';
      actions[action] = (actions[action] ?? 0) + 1;
      const assumed = assumeInstalled(update, options.assume) && installed.length < MAX_INSTALLED;
      if (typeof update.ID === 'number') (assumed ? installed : cached).push(update.ID);
    }
    cookie = info.NewCookie ?? cookie;
    // [MS-WUSP] 2.2.2.2.4, and what real agents do: on while truncated or while something new is no leaf.
    if (info.Truncated !== true && nonLeaf.length === 0) return result();
  }
  return result(`${options.maxRounds} rounds were not enough`);
}

/** Without a machine to ask, an update counts as installed when its rule is plainly true. */
function assumeInstalled(update: Decoded<typeof UpdateInfo>, assume: ProbeAssumption): boolean {
  if (update.IsLeaf !== false) return false;
  return assume === 'all' || /<IsInstalled><True\s*\/><\/IsInstalled>/.test(update.Xml ?? '');
}

function wire(cookie: WireCookie): { Expiration: DateTime; EncryptedData?: Buffer } {
  return {
    Expiration: cookie.Expiration!,
    ...(cookie.EncryptedData && { EncryptedData: cookie.EncryptedData }),
  };
}

function propertyOf(config: Config, name: string): string {
  return config.Properties?.find((property) => property.Name === name)?.Value ?? '';
}

function incomplete(what: string): OakumError {
  return new OakumError('OAK_PEER_ANSWER', { detail: `${what}.` });
}

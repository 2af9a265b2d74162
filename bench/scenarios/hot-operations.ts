import { softwareParameters, type IdLists } from '../../src/agent/sync-parameters.ts';
import { EventId, reportingEvent } from '../../src/agent/client-events.ts';
import {
  clientService,
  GetConfig,
  GetCookie,
  GetExtendedUpdateInfo,
  RegisterComputer,
  SyncUpdates,
} from '../../src/protocol/wusp/client.ts';
import { ReportEventBatch, reportingService } from '../../src/protocol/wusp/reporting.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import { dateTimeFromMs, type DateTime } from '../../src/soap/simple-type.ts';
import { SoapCaller } from '../../src/agent/soap-caller.ts';
import { againstFloor, type FloorComparison, type Prepared } from '../support/against-floor.ts';
import type { Child } from '../support/child.ts';
import { fullComputer, scannedComputer, type PreparedComputer } from '../support/prepared-computer.ts';

export interface HotOptions {
  readonly count: number;
  readonly repeats: number;
}

const CONNECTIONS = 32;
/** Revision ids from here on are not this server's. */
const FOREIGN_ID = 50_000_000;

/** Scenario (a): each hot operation of MS-WUSP against a bare HTTP server with the same bytes. */
export async function* hotOperations(
  server: Child,
  { count, repeats }: HotOptions,
): AsyncGenerator<readonly [name: string, result: FloorComparison]> {
  const measure = (requests: readonly Prepared[], share: number): Promise<FloorComparison> =>
    againstFloor(server, requests, {
      connections: CONNECTIONS,
      count: Math.max(50, Math.ceil(count * share)),
      repeats,
    });
  const computer = await scannedComputer(server.url);
  const full = await fullComputer(server.url);
  yield ['steady SyncUpdates, few images', await measure(steadyRequests(computer, 3), 1)];
  const never = {
    connections: CONNECTIONS,
    count: Math.max(50, Math.ceil(count / 4)),
    repeats,
    renew: (requests: number) => steadyRequests(computer, requests),
  };
  yield [
    'steady SyncUpdates, every list different',
    await againstFloor(server, steadyRequests(computer, 1), never),
  ];
  yield ['steady SyncUpdates, longest lists', await measure(steadyRequests(full, 3), 0.1)];
  yield ['first page of a fresh scan', await measure([fullPage(computer)], 1)];
  yield ['GetExtendedUpdateInfo, 18 ids', await measure([extendedInfo(computer)], 1)];
  yield ['handshake', await measure(await handshake(server.url, computer), 1)];
  const events = {
    connections: 64,
    count,
    repeats,
    renew: (batches: number) => eventBatches(computer, batches),
  };
  yield ['ReportEventBatch, 2 events', await againstFloor(server, eventBatches(computer, 1), events)];
}

let foreignId = FOREIGN_ID;

/** Requests of computers that need nothing new; each lists an update of another server that no other lists. */
function steadyRequests(computer: PreparedComputer, images: number): Prepared[] {
  const { installed, other, drivers } = computer.lists;
  return Array.from({ length: images }, () => {
    const lists = { installed, drivers, other: [...other, foreignId++] };
    return steadyRequest(computer, lists);
  });
}

function steadyRequest(computer: PreparedComputer, lists: IdLists): Prepared {
  return computer.prepare(clientService, SyncUpdates, {
    cookie: computer.cookie(),
    parameters: softwareParameters(computer.persona, lists, []),
  });
}

/**
 * A request that is answered with a full page: that of a new computer which knows its products by now, and was told
 * of the deployments with its first page.
 */
function fullPage(computer: PreparedComputer): Prepared {
  return steadyRequest(computer, { ...computer.lists, other: [] });
}

function extendedInfo(computer: PreparedComputer): Prepared {
  const software = [...computer.state.updates.values()].filter((update) =>
    /UpdateType="Software"/.test(update.core),
  );
  return computer.prepare(clientService, GetExtendedUpdateInfo, {
    cookie: computer.cookie(),
    revisionIDs: software.slice(0, 18).map((update) => update.id),
    infoTypes: ['Extended', 'LocalizedProperties'],
    locales: ['en-US', 'en'],
    deviceAttributes: computer.persona.deviceAttributes,
    GeoId: 'USA',
  });
}

async function handshake(url: string, computer: PreparedComputer): Promise<Prepared[]> {
  using caller = new SoapCaller(url, {
    userAgent: computer.persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 20,
  });
  const greeting = { clientId: computer.state.clientId, dnsName: 'bench' };
  const granted = (await caller.call(simpleAuthService, GetAuthorizationCookie, greeting))
    .GetAuthorizationCookieResult;
  const lastChange: DateTime = computer.state.config!.lastChange;
  const now = dateTimeFromMs(Date.now());
  return [
    computer.prepare(clientService, GetConfig, { protocolVersion: '2.90' }),
    computer.prepare(simpleAuthService, GetAuthorizationCookie, greeting),
    computer.prepare(clientService, GetCookie, {
      authCookies: [{ PlugInId: 'SimpleTargeting', CookieData: granted!.CookieData! }],
      oldCookie: { Expiration: now },
      lastChange,
      currentTime: now,
      protocolVersion: '2.90',
    }),
    computer.prepare(clientService, RegisterComputer, {
      cookie: computer.cookie(),
      computerInfo: computer.persona.computerInfo,
    }),
  ];
}

/** Batches of two events, each with ids of its own: a repeated id would not be stored. */
function eventBatches(computer: PreparedComputer, count: number): Prepared[] {
  const { persona, state } = computer;
  return Array.from({ length: count }, () =>
    computer.prepare(reportingService, ReportEventBatch, {
      cookie: computer.cookie(),
      clientTime: dateTimeFromMs(Date.now()),
      eventBatch: [EventId.DetectionFound, EventId.Status].map((eventId) =>
        reportingEvent(persona, state.clientId, { eventId, timeMs: Date.now(), replacementStrings: ['3'] }),
      ),
    }),
  );
}

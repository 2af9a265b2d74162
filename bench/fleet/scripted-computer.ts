import { parseUpdateId } from '../../src/metadata/update-identity.ts';
import { reportingEvent, EventId, statusEvent } from '../../src/agent/client-events.ts';
import { callerAttributes } from '../../src/agent/persona.ts';
import { softwareParameters } from '../../src/agent/sync-parameters.ts';
import {
  clientService,
  GetExtendedUpdateInfo,
  SyncUpdates,
  type UpdateInfo,
} from '../../src/protocol/wusp/client.ts';
import { ReportEventBatch, reportingService } from '../../src/protocol/wusp/reporting.ts';
import type { Decoded } from '../../src/soap/message-type.ts';
import { dateTimeFromMs } from '../../src/soap/simple-type.ts';
import { CallFailure } from './call-failure.ts';
import type { ComputerSession } from './computer-session.ts';
import type { KnownUpdate } from './fleet-image.ts';
import type { ImageRequests } from './image-requests.ts';
import { requestBody } from './request-body.ts';
import type { ScanKind } from './scenario.ts';

export interface ScriptedComputerOptions {
  readonly session: ComputerSession;
  readonly requests: ImageRequests;
  readonly clientId: string;
  /** Leaf revisions held besides the image's. */
  readonly sinceImage: Iterable<number>;
  /** Stands for the evaluation of rules, asked of every update that is no leaf. */
  readonly isInstalled: (update: KnownUpdate) => boolean;
  /** Told of each update that comes. */
  readonly onUpdate?: (update: KnownUpdate) => void;
}

/** Hard-coded in agents. */
const MAX_TRIPS = 200;
/** Ids of a call for details, and such calls of a whole scan (observed). */
const DETAIL_IDS = 18;
const DETAIL_CALLS = 7;

/** A computer that says what an agent would say without evaluating anything. */
export class ScriptedComputer {
  readonly #options: ScriptedComputerOptions;
  readonly #installed: Set<number>;
  readonly #other: Set<number>;
  /** Whether it holds just what the image holds, so that the prepared requests fit. */
  #isImage: boolean;

  constructor(options: ScriptedComputerOptions) {
    const { image } = options.requests;
    this.#options = options;
    this.#installed = new Set(image.installed);
    this.#other = new Set([...image.other, ...options.sinceImage]);
    this.#isImage = this.#other.size === image.other.length;
  }

  /** Leaf revisions held that the image does not hold. */
  idsSinceImage(): number[] {
    if (this.#isImage) return [];
    const { image } = this.#options.requests;
    const known = new Set([...image.installed, ...image.other]);
    return [...this.#other].filter((id) => !known.has(id)).sort((one, next) => one - next);
  }

  /** @throws CallFailure when an agent would give up the scan */
  async scan(kind: ScanKind): Promise<void> {
    const { session, requests } = this.#options;
    if (kind === 'fresh' || kind === 'rescan') await session.beginAnew();
    if (kind === 'fresh') await session.register();
    if (kind === 'refresh' || kind === 'rescan') await session.refreshCache();
    if (kind === 'fresh' || kind === 'rescan') this.#forgetEverything();
    if (kind === 'patched') this.#forget(requests.image.patches);
    const news = await this.#syncSoftware();
    await this.#syncDrivers();
    await this.#fetchDetails(news);
  }

  /** Sends the events of a scan: what was found, and the state of every update that counts. */
  async report(): Promise<void> {
    const { session, requests, clientId } = this.#options;
    const { persona, image } = requests;
    const timeMs = Date.now();
    const lists = { needed: image.needed, installed: image.present };
    const found = {
      eventId: EventId.DetectionFound,
      timeMs,
      replacementStrings: [String(image.needed.length)],
      misc: { k: 'true' },
    };
    const answer = await session.call(reportingService, ReportEventBatch, (cookie) =>
      requestBody(reportingService, ReportEventBatch, {
        cookie,
        clientTime: dateTimeFromMs(timeMs),
        eventBatch: [found, statusEvent(timeMs, lists)].map((event) =>
          reportingEvent(persona, clientId, event),
        ),
      }),
    );
    if (answer.ReportEventBatchResult !== true) throw new CallFailure('events not taken');
  }

  async #syncSoftware(): Promise<KnownUpdate[]> {
    const { session, requests, onUpdate } = this.#options;
    const all: KnownUpdate[] = [];
    for (let trip = 1; trip <= MAX_TRIPS; trip++) {
      const { SyncUpdatesResult: info } = await session.call(clientService, SyncUpdates, (cookie) => {
        if (this.#isImage) return requests.software.with(cookie);
        const parameters = softwareParameters(requests.persona, this.#lists(), []);
        return requestBody(clientService, SyncUpdates, { cookie, parameters });
      });
      if (!info) throw new CallFailure('wrong answer');
      session.adopt(info.NewCookie);
      this.#forget(info.OutOfScopeRevisionIDs ?? []);
      const news = (info.NewUpdates ?? []).map(knownUpdate);
      for (const update of news) {
        this.#hold(update);
        onUpdate?.(update);
        all.push(update);
      }
      if (info.Truncated !== true && news.every((update) => update.isLeaf)) return all;
    }
    throw new CallFailure(`more than ${MAX_TRIPS} calls`);
  }

  async #syncDrivers(): Promise<void> {
    const { session, requests } = this.#options;
    // The installed list of an image does not change, so the prepared call always fits.
    const answer = await session.call(clientService, SyncUpdates, (cookie) => requests.driver.with(cookie));
    session.adopt(answer.SyncUpdatesResult?.NewCookie);
  }

  /** Agents ask for the details of what they offer; which that is takes an evaluation to know. */
  async #fetchDetails(news: readonly KnownUpdate[]): Promise<void> {
    const { session, requests } = this.#options;
    const { persona } = requests;
    const offered = news.filter((update) => update.isOffered);
    const ids = (offered.length > 0 ? offered : news.filter((update) => update.isLeaf))
      .slice(0, DETAIL_IDS * DETAIL_CALLS)
      .map((update) => update.id);
    for (let at = 0; at < ids.length; at += DETAIL_IDS) {
      await session.call(clientService, GetExtendedUpdateInfo, (cookie) =>
        requestBody(clientService, GetExtendedUpdateInfo, {
          cookie,
          revisionIDs: ids.slice(at, at + DETAIL_IDS).sort((one, next) => one - next),
          infoTypes: ['Extended', 'LocalizedProperties'],
          locales: persona.locales,
          deviceAttributes: persona.deviceAttributes,
          GeoId: persona.geoId,
          callerAttributes: callerAttributes(persona),
        }),
      );
    }
  }

  #lists(): { installed: number[]; other: number[]; drivers: number[] } {
    const ascending = (one: number, next: number): number => one - next;
    return {
      installed: [...this.#installed].sort(ascending),
      other: [...this.#other].sort(ascending),
      drivers: [],
    };
  }

  #hold(update: KnownUpdate): void {
    this.#isImage = false;
    const isInstalled = !update.isLeaf && this.#options.isInstalled(update);
    (isInstalled ? this.#installed : this.#other).add(update.id);
  }

  #forget(ids: Iterable<number>): void {
    for (const id of ids) {
      if (this.#installed.delete(id) || this.#other.delete(id)) this.#isImage = false;
    }
  }

  #forgetEverything(): void {
    this.#installed.clear();
    this.#other.clear();
    this.#isImage = false;
  }
}

const IDENTITY = /^\s*<UpdateIdentity UpdateID="([0-9a-fA-F-]{36})" RevisionNumber="(\d{1,10})"/;

function knownUpdate(update: Decoded<typeof UpdateInfo>): KnownUpdate {
  const identity = IDENTITY.exec(update.Xml ?? '');
  const updateId = parseUpdateId(identity?.[1] ?? '');
  if (typeof update.ID !== 'number' || updateId === undefined)
    throw new CallFailure('update without identity');
  const action = update.Deployment?.Action;
  return {
    id: update.ID,
    identity: { updateId, revisionNumber: Number(identity?.[2]) },
    isLeaf: update.IsLeaf === true,
    isOffered: action === 'Install' || action === 'Bundle' || action === 'OptionalInstall',
  };
}

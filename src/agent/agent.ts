import { randomBytes } from 'node:crypto';
import type { UpdateId } from '../metadata/update-identity.ts';
import { AgentFailure } from './agent-failure.ts';
import { AgentSession } from './agent-session.ts';
import { freshState, type AgentState, type HeldUpdate } from './agent-state.ts';
import { EventId, reportEvents, statusEvent, type AgentEvent } from './client-events.ts';
import type { CachedUpdate } from './evaluation/cached-update.ts';
import { installPlan, type PlannedUpdate } from './evaluation/install-plan.ts';
import type { Evaluation } from './evaluation/evaluation.ts';
import { parseExtendedFragment, titleOfFragment } from './extended-fragment.ts';
import { fetchExtendedInfo } from './extended-info.ts';
import { failureOf } from './failure-of.ts';
import { formatHresult } from './hresult.ts';
import { Installer, type InstallOutcome } from './installer.ts';
import type { Machine } from './machine/machine.ts';
import type { Profile } from './machine/profiles/profile.ts';
import type { OfferedUpdate, Provocation } from './offered-update.ts';
import { personaOf } from './persona-of-profile.ts';
import type { Persona } from './persona.ts';
import { SoapCaller, type ExchangeReport } from './soap-caller.ts';
import { MAX_TRIPS, startCategoryScan, syncDrivers, syncSoftware, type SyncRound } from './software-sync.ts';
import { UpdateCache } from './update-cache.ts';
import { isReported, wantedDetails } from './wanted-details.ts';
import { updatesNamed } from './updates-named.ts';

export interface AgentOptions {
  readonly server: string;
  readonly profile: Profile;
  /** The profile's own unless given: a machine that was changed by installations, for example. */
  readonly machine?: Machine;
  readonly clientId: string;
  readonly dnsName: string;
  /** Program that asks for scans; the orchestrator of automatic updates unless given. */
  readonly callerId?: string;
  readonly now: () => number;
  readonly state?: AgentState;
  readonly queuedEvents?: readonly AgentEvent[];
  /** Time for one exchange with the server. */
  readonly timeoutMs?: number;
  /** Largest answer, as it travels and decoded. */
  readonly maxAnswerBytes?: number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Publishers of payloads are trusted; without it downloads end with 0x800B0109. */
  readonly trusted?: boolean;
  /** Authorities in PEM that are trusted over https instead of the public ones. */
  readonly ca?: string;
  readonly onExchange?: (report: ExchangeReport) => void;
  readonly onRound?: (round: SyncRound) => void;
  readonly onRecovery?: (errorCode: string) => void;
}

export interface ScanReport {
  readonly rounds: readonly SyncRound[];
  /** SyncUpdates calls, the driver pass included. */
  readonly syncUpdatesCalls: number;
  readonly offered: readonly OfferedUpdate[];
  /** Updates held, and how many of them are installed non-leaf ones. */
  readonly cached: number;
  readonly installedNonLeaf: number;
  /** What event 156 says: applicable and not installed, installed. */
  readonly needed: readonly UpdateId[];
  readonly installed: readonly UpdateId[];
}

/** Largest answer an agent takes: whole Windows 11 pages decode to about 51 MB. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const TIMEOUT_MS = 120_000;
/** Events in one call: a computer that was long without its server has many. */
const EVENT_BATCH = 100;

/** A simulated Windows Update Agent: scans, downloads, "installs" and reports as the captured one does. */
export class Agent implements Disposable {
  readonly state: AgentState;
  readonly persona: Persona;
  readonly #options: AgentOptions;
  readonly #caller: SoapCaller;
  readonly #session: AgentSession;
  readonly #cache: UpdateCache;
  #machine: Machine;
  readonly #events: AgentEvent[];

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#machine = options.machine ?? options.profile.machine;
    this.persona = personaOf(options.profile, this.#machine, options.dnsName, options);
    this.state = options.state ?? freshState(options.clientId);
    this.#events = [...(options.queuedEvents ?? [])];
    this.#cache = new UpdateCache(this.#machine);
    this.#caller = new SoapCaller(options.server, {
      userAgent: this.persona.userAgent,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      ...(this.persona.modern && { correlation: correlation() }),
      ...(options.onExchange && { onExchange: options.onExchange }),
      ...(options.ca !== undefined && { ca: options.ca }),
    });
    this.#session = new AgentSession({
      caller: this.#caller,
      persona: this.persona,
      state: this.state,
      now: options.now,
      ...(options.onRecovery && { onRecovery: options.onRecovery }),
    });
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** Events that have not been reported yet. */
  get queuedEvents(): readonly AgentEvent[] {
    return this.#events;
  }

  /** What the machine makes of the updates held. */
  evaluation(): Evaluation {
    return this.#cache.evaluation(this.state);
  }

  titleOf(updateId: UpdateId): string | undefined {
    for (const held of this.state.updates.values()) {
      if (held.updateId === updateId && held.localized !== undefined) return titleOfFragment(held.localized);
    }
    return undefined;
  }

  /**
   * The updates held that a person may mean, by UpdateID, knowledge base number or title. Titles come from the
   * server: the details of everything held are asked for first, in a call for each 50 updates or so.
   */
  async updatesNamed(name: string): Promise<HeldUpdate[]> {
    const lacking = [...this.state.updates.values()].filter((update) => update.localized === undefined);
    const ids = lacking.map((update) => update.id);
    await fetchExtendedInfo(this.#session, this.state, this.persona, ids);
    return updatesNamed(this.state.updates.values(), name);
  }

  /**
   * One whole scan: handshake as far as it is due, software loop, driver pass, details of what is offered;
   * queues the events that tell of it.
   *
   * @param categories to limit the scan to, as category scans do
   * @throws AgentFailure with the code a real agent would log
   */
  async scan(categories: readonly UpdateId[] = []): Promise<ScanReport> {
    const { now, onRound } = this.#options;
    const startedMs = now();
    try {
      await this.#session.ready();
      const filter =
        categories.length > 0 ? await startCategoryScan(this.#session, this.state, categories) : [];
      const sync = {
        session: this.#session,
        state: this.state,
        persona: this.persona,
        installed: () => this.#cache.installed(this.state),
        filter,
        maxTrips: MAX_TRIPS,
        ...(onRound && { onRound }),
      };
      const rounds = await syncSoftware(sync);
      await syncDrivers(sync);
      const lacking = this.#idsLackingDetails(installPlan(this.evaluation()));
      await fetchExtendedInfo(this.#session, this.state, this.persona, lacking);
      // Anew, because the server may have called some of them out of scope just now.
      const offered = installPlan(this.evaluation()).flatMap((planned) => this.#offer(planned));
      const lists = this.#statusLists();
      this.#queue({
        eventId: EventId.DetectionFound,
        timeMs: now(),
        replacementStrings: [String(offered.length)],
        // B looks like the seconds it took, f like the number of updates considered (observed).
        misc: {
          B: String(Math.round((now() - startedMs) / 1000)),
          f: String(this.state.updates.size),
          k: 'true',
        },
      });
      // A category scan reports that it happened, and nothing about states (observed).
      if (categories.length === 0) this.#queue(statusEvent(now(), lists));
      return {
        rounds,
        syncUpdatesCalls: rounds.length + 1,
        offered,
        cached: this.state.updates.size,
        installedNonLeaf: rounds.at(-1)?.installed ?? 0,
        ...lists,
      };
    } catch (error) {
      const failure = failureOf(error, 'WU_E_XML_INVALID');
      this.#queue({
        eventId: EventId.DetectionFailed,
        timeMs: now(),
        hresult: failure.hresult,
        replacementStrings: [formatHresult(failure.hresult)],
        misc: { O: '1', k: 'true' },
      });
      throw failure;
    }
  }

  /**
   * Downloads, checks and "installs" what a scan offered: the machine model gets the facts that make the
   * update installed, so that the next scan sees it so. What fails is told in its outcome.
   */
  async install(offered: readonly OfferedUpdate[], provoke: Provocation = {}): Promise<InstallOutcome[]> {
    const { profile, now, random = Math.random, trusted = true, timeoutMs = TIMEOUT_MS } = this.#options;
    const installer = new Installer({
      session: this.#session,
      state: this.state,
      downloader: profile.downloader,
      downloaderUserAgent: profile.downloaderUserAgent,
      trusted,
      timeoutMs,
      random,
      now,
      ...(this.#options.ca !== undefined && { ca: this.#options.ca }),
      ...provoke,
    });
    const outcomes: InstallOutcome[] = [];
    for (const offer of offered) {
      const update = this.evaluation().find(offer.updateId, offer.revisionNumber);
      if (update === undefined) continue;
      const outcome = await installer.run(offer, update, this.evaluation());
      this.#machine = outcome.machine;
      this.#cache.moveTo(this.#machine);
      this.#events.push(...outcome.events);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /**
   * Sends the queued events, in batches. What the server took is forgotten; on failure the rest stays queued.
   *
   * @returns how many events went
   * @throws AgentFailure
   */
  async report(): Promise<number> {
    const { now } = this.#options;
    await this.#session.ready();
    let reported = 0;
    while (this.#events.length > 0) {
      const batch = this.#events.slice(0, EVENT_BATCH);
      const { clientId } = this.state;
      const taken = await reportEvents(this.#session, this.persona, clientId, batch, now());
      if (!taken) throw new AgentFailure('WU_E_PT_SOAP_SERVER', 'the server did not take the events');
      this.#events.splice(0, batch.length);
      reported += batch.length;
    }
    return reported;
  }

  [Symbol.dispose](): void {
    this.#caller[Symbol.dispose]();
  }

  #queue(event: AgentEvent): void {
    this.#events.push(event);
  }

  /** Offered updates and the members of offered bundles whose details are not at hand. */
  #idsLackingDetails(plan: readonly PlannedUpdate[]): number[] {
    const evaluation = this.evaluation();
    const wanted = new Set(wantedDetails(evaluation));
    for (const { update } of plan) for (const one of partsOf(evaluation, update)) wanted.add(one);
    const ids: number[] = [];
    for (const { core } of wanted) {
      const held = this.#held(core.updateId, core.revisionNumber);
      if (held !== undefined && held.extended === undefined) ids.push(held.id);
    }
    return ids;
  }

  /** What a planned update looks like to a person; nothing when a file of it has no location (observed). */
  #offer({ update, action, isAutomatic }: PlannedUpdate): OfferedUpdate[] {
    const { updateId, revisionNumber } = update.core;
    let downloadBytes = 0;
    for (const part of partsOf(this.evaluation(), update)) {
      const held = this.#held(part.core.updateId, part.core.revisionNumber);
      if (held?.extended === undefined) continue;
      for (const file of parseExtendedFragment(held.extended).files) {
        if (!this.state.fileLocations.has(file.digest)) return [];
        downloadBytes += file.size;
      }
    }
    const title = titleOfFragment(this.#held(updateId, revisionNumber)?.localized);
    return [{ updateId, revisionNumber, title, action, isAutomatic, downloadBytes }];
  }

  #held(updateId: UpdateId, revisionNumber: number): HeldUpdate | undefined {
    for (const update of this.state.updates.values()) {
      if (update.updateId === updateId && update.revisionNumber === revisionNumber) return update;
    }
    return undefined;
  }

  /** Event 156: leaf software that counts in reports, no bundle members; superseded ones too (observed). */
  #statusLists(): { readonly needed: UpdateId[]; readonly installed: UpdateId[] } {
    const evaluation = this.evaluation();
    const needed: UpdateId[] = [];
    const installed: UpdateId[] = [];
    for (const update of evaluation.updates()) {
      if (!isReported(update)) continue;
      const { core } = update;
      const state = evaluation.state(update);
      if (state === 'Needed') needed.push(core.updateId);
      else if (state === 'Installed') installed.push(core.updateId);
    }
    return { needed, installed };
  }
}

/** An update and what it comes down to, each once: what is no bundle comes down to itself. */
function partsOf(evaluation: Evaluation, update: CachedUpdate): ReadonlySet<CachedUpdate> {
  return new Set([update, ...evaluation.payload(update)]);
}

/** Sixteen characters of base64, as correlation vectors begin. */
function correlation(): string {
  return randomBytes(12).toString('base64');
}

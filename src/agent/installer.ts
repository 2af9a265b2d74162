import { randomBytes } from 'node:crypto';
import type { UpdateId, UpdateIdentity } from '../metadata/update-identity.ts';
import { AgentFailure } from './agent-failure.ts';
import type { AgentSession } from './agent-session.ts';
import type { AgentState, HeldUpdate } from './agent-state.ts';
import { EventId, type AgentEvent } from './client-events.ts';
import type { CachedUpdate } from './evaluation/cached-update.ts';
import { isBundle } from './evaluation/cached-update.ts';
import { effectOf, effectOfRemoval } from './evaluation/effect.ts';
import type { Evaluation } from './evaluation/evaluation.ts';
import { parseExtendedFragment, type ExtendedInfo } from './extended-fragment.ts';
import { refreshFileLocations } from './extended-info.ts';
import { failureOf } from './failure-of.ts';
import { formatHresult, HRESULTS } from './hresult.ts';
import { applyPatch } from './machine/machine-patch.ts';
import type { Machine } from './machine/machine.ts';
import type { OfferedUpdate, Provocation } from './offered-update.ts';
import { downloadFile, type Downloader } from './transfer/download.ts';

export interface InstallerOptions extends Provocation {
  readonly session: AgentSession;
  readonly state: AgentState;
  readonly downloader: Downloader;
  readonly downloaderUserAgent: string;
  readonly trusted: boolean;
  readonly timeoutMs: number;
  readonly random: () => number;
  readonly now: () => number;
  /** Authorities in PEM that are trusted over https instead of the public ones. */
  readonly ca?: string;
}

export interface InstallOutcome {
  readonly offer: OfferedUpdate;
  readonly result: 'installed' | 'removed' | 'pending-restart' | 'failed';
  /** Zero unless it failed. */
  readonly hresult: number;
  readonly reason: string;
  readonly downloadedBytes: number;
  readonly requests: number;
  /** The machine afterwards. */
  readonly machine: Machine;
  readonly events: readonly AgentEvent[];
}

const CONNECTIONS = 3;

/** Carries out one offered update: transfer, checks, effect on the machine, and the events of each step. */
export class Installer {
  readonly #options: InstallerOptions;

  constructor(options: InstallerOptions) {
    this.#options = options;
  }

  async run(offer: OfferedUpdate, update: CachedUpdate, evaluation: Evaluation): Promise<InstallOutcome> {
    const events: AgentEvent[] = [];
    const transferred = { bytes: 0, requests: 0 };
    const outcome = (
      rest: Pick<InstallOutcome, 'result' | 'hresult' | 'reason' | 'machine'>,
    ): InstallOutcome => ({
      offer,
      downloadedBytes: transferred.bytes,
      requests: transferred.requests,
      events,
      ...rest,
    });
    const failed = ({ hresult, reason }: AgentFailure): InstallOutcome =>
      outcome({ result: 'failed', hresult, reason, machine: evaluation.machine });
    const parts = evaluation.payload(update, offer.action === 'uninstall' ? 'Installed' : 'Needed');
    const recorder = new EventRecorder(update, offer, events, this.#options.now);
    try {
      if (offer.action === 'install') await this.#transfer(parts, recorder, transferred);
    } catch (error) {
      const failure = failureOf(error, 'WU_E_XML_INVALID');
      recorder.downloadFailed(parts, failure.hresult);
      // The agent tries the installation all the same, and finds nothing to install (observed).
      recorder.installStarted();
      recorder.installFailed(parts, HRESULTS.WU_E_DM_NOTDOWNLOADED);
      return failed(failure);
    }
    recorder.installStarted();
    const provoked = this.#provokedFailure(offer.updateId);
    if (provoked !== undefined) {
      recorder.installFailed(parts, provoked);
      return outcome({
        result: 'failed',
        hresult: provoked,
        reason: 'the installation was made to fail',
        machine: evaluation.machine,
      });
    }
    if (includes(this.#options.cancel, offer.updateId)) {
      recorder.cancelled(parts);
      return failed(new AgentFailure('WU_E_CALL_CANCELLED', 'the user cancelled it'));
    }
    const machine = bringAbout(offer, parts, evaluation.machine);
    if (machine === undefined) {
      recorder.installFailed(parts, HRESULTS.WU_E_ALL_UPDATES_FAILED);
      return failed(new AgentFailure('WU_E_ALL_UPDATES_FAILED', 'no facts make this update installed here'));
    }
    if (offer.action === 'install' && this.#needsReboot(offer.updateId, parts)) {
      recorder.pendingReboot(parts);
      return outcome({ result: 'pending-restart', hresult: 0, reason: 'a restart is needed', machine });
    }
    recorder.installSucceeded(parts);
    return outcome({
      result: offer.action === 'install' ? 'installed' : 'removed',
      hresult: 0,
      reason: '',
      machine,
    });
  }

  async #transfer(
    parts: readonly CachedUpdate[],
    recorder: EventRecorder,
    transferred: { bytes: number; requests: number },
  ): Promise<void> {
    recorder.downloadStarted();
    for (const part of parts) {
      for (const file of this.#detailsOf(part).files) {
        const report = await downloadFile(await this.#locationOf(file.digest), file, {
          downloader: this.#options.downloader,
          userAgent: this.#options.downloaderUserAgent,
          connections: CONNECTIONS,
          correlation: randomBytes(12).toString('base64'),
          timeoutMs: this.#options.timeoutMs,
          random: this.#options.random,
          ...(this.#options.ca !== undefined && { ca: this.#options.ca }),
        });
        transferred.bytes += report.bytes;
        transferred.requests += report.requests;
      }
    }
    if (!this.#options.trusted) {
      throw new AgentFailure('CERT_E_UNTRUSTEDROOT', 'the publisher of the payload is not trusted');
    }
    recorder.downloadSucceeded(transferred.bytes);
  }

  async #locationOf(digest: string): Promise<string> {
    const { session, state } = this.#options;
    if (!state.fileLocations.has(digest)) await refreshFileLocations(session, state, [digest]);
    const url = state.fileLocations.get(digest);
    if (url === undefined)
      throw new AgentFailure('WU_E_DM_NOTDOWNLOADED', 'the server names no location for a file');
    return url;
  }

  #detailsOf(update: CachedUpdate): ExtendedInfo {
    const held = findHeld(this.#options.state, update.core);
    if (held?.extended === undefined)
      throw new AgentFailure('WU_E_XML_MISSINGDATA', 'an update has no Extended fragment');
    return parseExtendedFragment(held.extended);
  }

  #provokedFailure(updateId: UpdateId): number | undefined {
    const { fail } = this.#options;
    return includes(fail?.updates, updateId) ? fail?.hresult : undefined;
  }

  #needsReboot(updateId: UpdateId, parts: readonly CachedUpdate[]): boolean {
    if (includes(this.#options.reboot, updateId)) return true;
    return parts.some((part) => this.#detailsOf(part).rebootBehavior === 'AlwaysRequiresReboot');
  }
}

/** The machine with the facts that installing, or removing, brings about; undefined when none do. */
function bringAbout(
  offer: OfferedUpdate,
  parts: readonly CachedUpdate[],
  before: Machine,
): Machine | undefined {
  let machine = before;
  for (const { core } of parts) {
    const patch = offer.action === 'install' ? effectOf(core, machine) : effectOfRemoval(core, machine);
    if (patch === undefined) return undefined;
    machine = applyPatch(machine, patch);
  }
  return machine;
}

function findHeld(state: AgentState, { updateId, revisionNumber }: UpdateIdentity): HeldUpdate | undefined {
  for (const held of state.updates.values()) {
    if (held.updateId === updateId && held.revisionNumber === revisionNumber) return held;
  }
  return undefined;
}

function includes(updates: ReadonlySet<UpdateId> | 'all' | undefined, updateId: UpdateId): boolean {
  return updates === 'all' || updates?.has(updateId) === true;
}

/** What the steps are called in events: putting on and taking off have numbers of their own. */
const STEPS = Object.freeze({
  install: {
    started: EventId.InstallStarted,
    succeeded: EventId.InstallSucceeded,
    failed: EventId.InstallFailed,
    cancelled: EventId.InstallCancelled,
  },
  uninstall: {
    started: EventId.UninstallStarted,
    succeeded: EventId.UninstallSucceeded,
    failed: EventId.UninstallFailed,
    cancelled: EventId.UninstallCancelled,
  },
});

/** The events of one installation. Results of a bundle come twice: for each member, and for the bundle (observed). */
class EventRecorder {
  readonly #update: CachedUpdate;
  readonly #title: string;
  readonly #steps: (typeof STEPS)[OfferedUpdate['action']];
  readonly #events: AgentEvent[];
  readonly #now: () => number;

  constructor(update: CachedUpdate, offer: OfferedUpdate, events: AgentEvent[], now: () => number) {
    this.#update = update;
    this.#title = offer.title;
    this.#steps = STEPS[offer.action];
    this.#events = events;
    this.#now = now;
  }

  downloadStarted(): void {
    this.#push(EventId.DownloadStarted, { replacementStrings: [this.#title] });
  }

  downloadSucceeded(bytes: number): void {
    this.#push(EventId.DownloadSucceeded, { replacementStrings: [this.#title], misc: { B: String(bytes) } });
  }

  downloadFailed(parts: readonly CachedUpdate[], hresult: number): void {
    // The title stands in both (observed).
    this.#members(parts, EventId.DownloadFailed, { hresult, replacementStrings: [this.#title] });
    this.#push(EventId.DownloadFailed, { hresult, replacementStrings: [this.#title] });
  }

  installStarted(): void {
    this.#push(this.#steps.started, { replacementStrings: [this.#title] });
  }

  installSucceeded(parts: readonly CachedUpdate[]): void {
    this.#members(parts, this.#steps.succeeded, {});
    this.#push(this.#steps.succeeded, {
      replacementStrings: [this.#title],
      misc: { D: '1', ...this.#bundleMisc() },
    });
  }

  pendingReboot(parts: readonly CachedUpdate[]): void {
    const hresult = HRESULTS.WU_S_REBOOT_REQUIRED;
    this.#members(parts, EventId.InstallPendingReboot, { hresult });
    this.#push(EventId.InstallPendingReboot, {
      hresult,
      replacementStrings: [this.#title],
      misc: this.#bundleMisc(),
    });
  }

  installFailed(parts: readonly CachedUpdate[], hresult: number): void {
    this.#members(parts, this.#steps.failed, { hresult, misc: { F: String(hresult) } });
    this.#push(this.#steps.failed, {
      hresult,
      replacementStrings: [formatHresult(hresult), this.#title],
      misc: { ...this.#bundleMisc(), P: '1' },
    });
  }

  cancelled(parts: readonly CachedUpdate[]): void {
    const hresult = HRESULTS.WU_E_CALL_CANCELLED;
    this.#members(parts, this.#steps.cancelled, { hresult });
    this.#push(this.#steps.cancelled, {
      hresult,
      replacementStrings: [this.#title],
      misc: this.#bundleMisc(),
    });
  }

  #members(parts: readonly CachedUpdate[], eventId: number, event: Partial<AgentEvent>): void {
    if (!isBundle(this.#update)) return;
    const { updateId, revisionNumber } = this.#update.core;
    const parent = `${updateId.toUpperCase()};${revisionNumber}`;
    for (const { core } of parts) {
      this.#events.push({
        ...event,
        eventId,
        timeMs: this.#now(),
        update: { updateId: core.updateId, revisionNumber: core.revisionNumber },
        misc: { ...event.misc, M: parent },
      });
    }
  }

  #bundleMisc(): Record<string, string> {
    return isBundle(this.#update) ? { Q: '2' } : {};
  }

  #push(eventId: number, event: Partial<AgentEvent>): void {
    const { updateId, revisionNumber } = this.#update.core;
    this.#events.push({ ...event, eventId, timeMs: this.#now(), update: { updateId, revisionNumber } });
  }
}

import { randomUUID } from 'node:crypto';
import type { UpdateIdentity } from '../metadata/update-identity.ts';
import { ReportEventBatch, reportingService, type ReportingEvent } from '../protocol/wusp/reporting.ts';
import type { Encodable } from '../soap/message-type.ts';
import { dateTimeFromMs, type DateTime, type Guid } from '../soap/simple-type.ts';
import type { AgentSession } from './agent-session.ts';
import { signedHresult } from './hresult.ts';
import type { Persona } from './persona.ts';

/** The events agents were seen to send ([MS-WUSP] 2.2.2.3.1; numbers as on real servers). */
export const EventId = Object.freeze({
  DetectionFound: 147,
  DetectionFailed: 148,
  Status: 156,
  DownloadFailed: 161,
  DownloadSucceeded: 162,
  DownloadStarted: 167,
  InstallStarted: 181,
  InstallFailed: 182,
  InstallSucceeded: 183,
  InstallPendingReboot: 201,
});

/** Something that happened, before it is dressed for the wire. */
export interface AgentEvent {
  readonly eventId: number;
  readonly timeMs: number;
  readonly update?: UpdateIdentity;
  readonly hresult?: number;
  readonly replacementStrings?: readonly string[];
  /** Values of MiscData keys that this event has besides those every event has. */
  readonly misc?: Readonly<Record<string, string>>;
}

// The order on the wire (observed): single capitals, AppName, CsiErrorType, single lower-case letters,
// doubled letters, words. Keys are case-sensitive.
const MISC_ORDER = [
  ...['B', 'C', 'D', 'F', 'G', 'J', 'K', 'L', 'M', 'O', 'P', 'Q', 'T', 'U', 'V', 'W'],
  ...['AppName', 'CsiErrorType', 'c', 'f', 'k', 'm', 'n', 'o', 'p', 'q', 'r', 'w', 'x'],
  ...['cc', 'dd', 'ff', 'WUfBOn', 'WUfBDS', 'DisableDS', 'PauseQU', 'PauseFU'],
];

const NO_UPDATE = { UpdateID: '00000000-0000-0000-0000-000000000000' as Guid, RevisionNumber: 0 };

/** Sends a batch of events, as agents do some time after what they tell of. */
export async function reportEvents(
  session: AgentSession,
  persona: Persona,
  clientId: string,
  events: readonly AgentEvent[],
  nowMs: number,
): Promise<boolean> {
  if (events.length === 0) return true;
  const answer = await session.call(reportingService, ReportEventBatch, (cookie) => ({
    cookie,
    clientTime: dateTimeFromMs(nowMs),
    eventBatch: events.map((event) => reportingEvent(persona, clientId, event)),
  }));
  return answer.ReportEventBatchResult === true;
}

/** An event as a real agent of this persona sends it. */
export function reportingEvent(
  persona: Persona,
  clientId: string,
  event: AgentEvent,
): Encodable<typeof ReportingEvent> {
  const info = persona.computerInfo;
  return {
    BasicData: {
      TargetID: { Sid: clientId },
      SequenceNumber: 0,
      TimeAtTarget: dateTimeFromMs(event.timeMs),
      EventInstanceID: randomUUID() as Guid,
      NamespaceID: 1,
      EventID: event.eventId,
      SourceID: 101,
      UpdateID:
        event.update === undefined
          ? NO_UPDATE
          : { UpdateID: event.update.updateId, RevisionNumber: event.update.revisionNumber },
      Win32HResult: signedHresult(event.hresult ?? 0),
      AppName: persona.callerId,
    },
    ExtendedData: {
      ReplacementStrings: event.replacementStrings,
      MiscData: miscData(persona, event),
      ComputerBrand: info.ComputerManufacturer ?? '',
      ComputerModel: info.ComputerModel ?? '',
      BiosRevision: info.BiosVersion ?? '',
      ProcessorArchitecture: info.ProcessorArchitecture === 'AMD64' ? 'Amd64Compatible' : 'X86Compatible',
      OSVersion: {
        Major: info.OSMajorVersion,
        Minor: info.OSMinorVersion,
        Build: info.OSBuildNumber,
        // Product type and suite, packed (observed: 65792 on every workstation).
        Revision: 65_792,
        ServicePackMajor: info.OSServicePackMajorNumber,
        ServicePackMinor: info.OSServicePackMinorNumber,
      },
      OSLocaleID: 1033,
    },
    PrivateData: {},
  };
}

function miscData(persona: Persona, event: AgentEvent): string[] {
  const info = persona.computerInfo;
  const version = [
    info.ClientVersionMajorNumber,
    info.ClientVersionMinorNumber,
    info.ClientVersionBuildNumber,
    info.ClientVersionQfeNumber,
  ].join('.');
  const values: Record<string, string> = {
    G: version,
    J: '775',
    K: text(info.BiosName),
    L: text(info.BiosReleaseDate).replace(/Z$/, ''),
    Q: '1',
    T: text(info.ComputerManufacturer),
    AppName: persona.callerId,
    CsiErrorType: '0',
    // The SKU, not the product type that the text speaks of (observed).
    c: String(info.NewProductType),
    ...{ m: '0', n: '1', o: '0', p: '0', q: '0', r: '0', w: '0', x: '1', dd: '0', ff: '0' },
    ...{ WUfBOn: '0', WUfBDS: '0', DisableDS: '1', PauseQU: '1', PauseFU: '1' },
    ...event.misc,
  };
  return MISC_ORDER.flatMap((key) => (values[key] === undefined ? [] : [`${key}=${values[key]}`]));
}

function text(value: string | Uint8Array | DateTime | null | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Event 156: which updates apply, and which of them are installed. UpdateIDs travel in upper case. */
export function statusEvent(
  timeMs: number,
  lists: { readonly needed: readonly string[]; readonly installed: readonly string[] },
): AgentEvent {
  const joined = (ids: readonly string[]): string => ids.map((id) => id.toUpperCase()).join(';');
  return {
    eventId: EventId.Status,
    timeMs,
    misc: {
      // A key without ids is left out (observed).
      ...(lists.needed.length > 0 && { U: joined(lists.needed) }),
      ...(lists.installed.length > 0 && { V: joined(lists.installed) }),
    },
  };
}

import { createHash, randomUUID } from 'node:crypto';
import type { UpdateIdentity } from '../metadata/update-identity.ts';
import { ReportEventBatch, reportingService, type ReportingEvent } from '../protocol/wusp/reporting.ts';
import type { Encodable } from '../soap/message-type.ts';
import { dateTimeFromMs, type DateTime, type Guid } from '../soap/simple-type.ts';
import type { AgentSession } from './agent-session.ts';
import { signedHresult } from './hresult.ts';
import { executableOf, type Persona } from './persona.ts';

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
  InstallCancelled: 186,
  InstallPendingReboot: 201,
  UninstallFailed: 221,
  UninstallSucceeded: 222,
  UninstallCancelled: 223,
  UninstallStarted: 226,
});

/** Something that happened, before it is dressed for the wire. */
export interface AgentEvent {
  readonly eventId: number;
  readonly timeMs: number;
  readonly update?: UpdateIdentity;
  readonly hresult?: number;
  readonly replacementStrings?: readonly string[];
  /** Program that asked for what happened; the persona's unless given. */
  readonly callerId?: string;
  /** Values of MiscData keys that this event has besides those every event has. */
  readonly misc?: Readonly<Record<string, string>>;
}

// The order on the wire (observed): single capitals, AppName, CsiErrorType, single lower-case letters,
// doubled letters, words. Keys are case-sensitive. Those that were never seen stand where the rule puts them.
const MISC_ORDER = [
  ...[
    'A',
    'B',
    'C',
    'D',
    'F',
    'G',
    'J',
    'K',
    'L',
    'M',
    'O',
    'P',
    'Q',
    'S',
    'T',
    'U',
    'V',
    'W',
    'X',
    'Y',
    'Z',
  ],
  ...['AppName', 'CsiErrorType', 'a', 'c', 'f', 'g', 'h', 'k', 'm', 'n', 'o', 'p', 'q', 'r', 'w', 'x'],
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
  const callerId = event.callerId ?? persona.callerId;
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
      // A program that came through the API is named among the MiscData only (observed).
      AppName: executableOf(callerId) === undefined ? callerId : undefined,
    },
    ExtendedData: {
      ReplacementStrings: event.replacementStrings,
      MiscData: miscData(persona, clientId, callerId, event.misc),
      ComputerBrand: info.ComputerManufacturer ?? '',
      ComputerModel: info.ComputerModel ?? '',
      BiosRevision: info.BiosVersion ?? '',
      ProcessorArchitecture: PROCESSOR_WORDS.get(text(info.ProcessorArchitecture)) ?? 'Unknown',
      OSVersion: {
        Major: info.OSMajorVersion,
        Minor: info.OSMinorVersion,
        Build: info.OSBuildNumber,
        // Observed: 65792 on workstations, which is what their product type and suite come to.
        Revision: (info.OldProductType << 16) | info.SuiteMask,
        ServicePackMajor: info.OSServicePackMajorNumber,
        ServicePackMinor: info.OSServicePackMinorNumber,
      },
      OSLocaleID: 1033,
    },
    PrivateData: {},
  };
}

// The enumeration is older than the other architectures.
const PROCESSOR_WORDS = new Map<string, 'Amd64Compatible' | 'X86Compatible' | 'IA64Compatible'>([
  ['AMD64', 'Amd64Compatible'],
  ['x86', 'X86Compatible'],
  ['IA64', 'IA64Compatible'],
]);

function miscData(
  persona: Persona,
  clientId: string,
  callerId: string,
  own: AgentEvent['misc'],
): readonly string[] {
  const info = persona.computerInfo;
  const version = [
    info.ClientVersionMajorNumber,
    info.ClientVersionMinorNumber,
    info.ClientVersionBuildNumber,
    info.ClientVersionQfeNumber,
  ].join('.');
  const values: Record<string, string | undefined> = {
    G: version,
    J: samplingValue(clientId),
    K: text(info.BiosName),
    L: text(info.BiosReleaseDate).replace(/Z$/, ''),
    Q: '1',
    T: persona.biosVendor ?? text(info.ComputerManufacturer),
    AppName: callerId,
    CsiErrorType: '0',
    // The SKU, not the product type that the text speaks of (observed).
    c: String(info.NewProductType),
    ...{ m: '0', n: '1', o: '0', p: '0', q: '0', r: '0', w: '0', x: '1' },
    cc: executableOf(callerId),
    ...{ dd: '0', ff: '0' },
    ...{ WUfBOn: '0', WUfBDS: '0', DisableDS: '1', PauseQU: '1', PauseFU: '1' },
    ...own,
  };
  return MISC_ORDER.flatMap((key) => (values[key] === undefined ? [] : [`${key}=${values[key]}`]));
}

/** A number from 0 to 999, chosen once per computer ([MS-WUSP] 2.2.2.3.1); here its id chooses. */
function samplingValue(clientId: string): string {
  return String(createHash('sha1').update(clientId).digest().readUInt32BE() % 1000);
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

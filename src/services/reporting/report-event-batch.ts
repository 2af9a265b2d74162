import { randomUUID } from 'node:crypto';
import { OakumError } from '../../errors/oakum-error.ts';
import type { ClientEvent } from '../../fleet/event-journal.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { ReportEventBatch, type ReportingEvent } from '../../protocol/wusp/reporting.ts';
import { implement } from '../../soap/endpoint.ts';
import type { Decoded } from '../../soap/message-type.ts';
import { dateTimeToMs, type Guid } from '../../soap/simple-type.ts';
import type { ClientCookie } from '../cookies/client-cookie.ts';
import { cookieGuard } from '../cookies/session.ts';
import { present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';

/** Events of clients. Namespace 2 is the servers' own, and how servers were attacked (CVE-2025-59287). */
const CLIENT_NAMESPACE = 1;

// What CVE-2025-59287 smuggled its payload in. No client sends it, and nobody downstream shall ever find it here.
const DROPPED_KEY = 'SynchronizationUpdateErrorsKey=';

const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** The list of updates in an event 156 grows with the catalogue: 7,000 of them. No other text comes near. */
const TEXT_LENGTH = 256 * 1024;
const TEXTS = 128;

/** What a batch takes on its way. Clocks that are further off are corrected, as servers do among themselves. */
const SKEW_MS = 60_000;

/** ReportEventBatch ([MS-WUSP] 2.2.2.3.1, 3.1.5.11). True means that the events are on disk. */
export function reportEventBatch(context: ServiceContext) {
  return implement(ReportEventBatch, {
    guard: cookieGuard(context),
    async handle(_call: Call, request, cookie) {
      const clientTime = present(request.clientTime, 'clientTime');
      const batch = present(request.eventBatch, 'eventBatch');
      const nowMs = context.now();
      const events = batch.flatMap((event) => clientEvent(event, cookie, nowMs));
      await context.events.append(events, skewOf(nowMs - dateTimeToMs(clientTime)));
      return { ReportEventBatchResult: true };
    },
  });
}

function clientEvent(
  event: Decoded<typeof ReportingEvent>,
  cookie: ClientCookie,
  nowMs: number,
): ClientEvent[] {
  const basic = event.BasicData;
  if (!basic) return [];
  if (basic.NamespaceID !== CLIENT_NAMESPACE)
    throw new OakumError('OAK_EVENT_NAMESPACE', { parameter: 'eventBatch' });
  // Events queued before the computer got another id, or somebody else's: they are not this client's to report.
  const sid = basic.TargetID?.Sid?.toLowerCase();
  if (sid !== undefined && sid !== cookie.clientId) return [];
  const instanceId = basic.EventInstanceID;
  const updateId = basic.UpdateID?.UpdateID;
  const appName = basic.AppName ?? '';
  const replacementStrings = event.ExtendedData?.ReplacementStrings ?? [];
  const miscData = event.ExtendedData?.MiscData ?? [];
  // Half a list of updates would say that the others do not apply.
  const fits = [[appName], replacementStrings, miscData].every(
    (texts) => texts.length <= TEXTS && texts.every((text) => text.length <= TEXT_LENGTH),
  );
  return [
    {
      instanceId: instanceId && instanceId !== NO_GUID ? instanceId : (randomUUID() as Guid),
      clientId: cookie.clientId,
      namespaceId: CLIENT_NAMESPACE,
      eventId: basic.EventID ?? 0,
      sourceId: basic.SourceID ?? 0,
      timeMs: basic.TimeAtTarget ? dateTimeToMs(basic.TimeAtTarget) : nowMs,
      update:
        updateId && updateId !== NO_GUID
          ? { updateId: updateId as UpdateId, revisionNumber: basic.UpdateID?.RevisionNumber ?? 0 }
          : undefined,
      hresult: basic.Win32HResult ?? basic.Win32Hresult ?? 0,
      appName: fits ? appName : '',
      replacementStrings: fits ? replacementStrings : [],
      miscData: fits ? miscData.filter((one) => !one.startsWith(DROPPED_KEY)) : [],
      ...(fits ? {} : { refused: 'OAK_EVENT_OVERSIZED' as const }),
    },
  ];
}

/** How far a computer's clock is behind, if it is off. */
function skewOf(differenceMs: number): number {
  return Math.abs(differenceMs) > SKEW_MS ? differenceMs : 0;
}

import type {
  Cause,
  ComputerFacts,
  DecisionFacts,
  Explanation,
  ExplanationFacts,
  UpdateFacts,
} from './explanation.ts';

const DAY_MS = 86_400_000;
/** Agents scan at least once a day; three missed ones are worth a word. */
const SILENT_DAYS = 3;
/** A report follows a scan within the hour. */
const REPORT_DAYS = 2;

/**
 * Why a computer is not offered an update, or what it is offered as.
 *
 * What keeps the update from everybody comes first, then what keeps it from this computer's groups, then what
 * keeps it from this computer, then what the computer itself made of it: the first cause is the one to
 * remove first. What the server only infers (no scan since, no report) stands behind what it knows.
 */
export function explain(facts: ExplanationFacts): Explanation {
  const { update, computer } = facts;
  if (update === undefined) return { offeredAs: null, causes: [{ code: 'update-unknown' }] };
  if (update.revisionNumber === null)
    return { offeredAs: null, causes: [{ code: update.importing ? 'update-importing' : 'update-unknown' }] };
  const general = [
    ...aboutUpdate(update),
    ...(computer === undefined ? [{ code: 'computer-unknown' } as const] : []),
  ];
  if (computer === undefined) return { offeredAs: null, causes: general };
  const causes: Cause[] = [
    ...general,
    ...aboutRegistration(computer),
    ...(general.length === 0 ? aboutDecision(facts, update, computer) : []),
    ...aboutReach(facts),
    ...aboutContact(facts, computer),
    ...aboutStatus(facts, update),
    ...aboutIdentity(computer),
  ];
  return {
    offeredAs: offeredAs(facts),
    causes: causes.sort((one, other) => rank(one, computer) - rank(other, computer)),
  };
}

/**
 * Smaller goes first. What a computer reported outranks what the server would conclude from its lists, and an
 * installed update needs no other reason for not being offered.
 */
const RANKS: Readonly<Record<Cause['code'], number>> = {
  'update-unknown': 0,
  'update-importing': 0,
  declined: 1,
  'not-deployable': 2,
  'computer-unknown': 3,
  'not-registered': 4,
  installed: 5,
  'pending-reboot': 5,
  expired: 7,
  licence: 8,
  'not-due': 9,
  withheld: 10,
  blocked: 11,
  'not-approved': 12,
  'unknown-groups': 13,
  'shared-id': 14,
  'out-of-scope': 16,
  'no-member-fits': 17,
  superseded: 18,
  silent: 19,
  'not-scanned-yet': 20,
  'file-missing': 21,
  failed: 22,
  'driver-not-asked': 23,
  'not-applicable': 24,
  'not-reporting': 25,
  offered: 26,
  conflict: 27,
};

/** Who shares an id reports for another computer: then nothing that was reported is certain. */
const RANK_IF_SHARED = 15;

function rank({ code }: Cause, { sharedWith }: ComputerFacts): number {
  const isReported = code === 'installed' || code === 'pending-reboot';
  return isReported && sharedWith.length > 0 ? RANK_IF_SHARED : RANKS[code];
}

function aboutUpdate(update: UpdateFacts): Cause[] {
  if (update.declined) return [{ code: 'declined' }];
  return update.deployable ? [] : [{ code: 'not-deployable', type: update.type }];
}

function aboutRegistration({ registeredMs, lastContactMs }: ComputerFacts): Cause[] {
  return registeredMs === null ? [{ code: 'not-registered', lastContactMs }] : [];
}

function aboutDecision(facts: ExplanationFacts, update: UpdateFacts, computer: ComputerFacts): Cause[] {
  const { decision, pending } = facts;
  if (decision !== undefined && decision.withheld === null && isOffer(decision)) {
    const contradicted = decision.others.some(
      ({ action }) =>
        (action === 'Uninstall') !== (decision.action === 'Uninstall') && action !== 'NotApproved',
    );
    return contradicted ? [{ code: 'conflict', decision }] : [];
  }
  const causes: Cause[] = [];
  if (update.expired) causes.push({ code: 'expired' });
  if (update.unacceptedLicence !== null) causes.push({ code: 'licence', licence: update.unacceptedLicence });
  else if (decision !== undefined && decision.withheld !== null) causes.push({ code: 'withheld', decision });
  if (pending.length > 0) causes.push({ code: 'not-due', pending });
  if (decision?.action === 'Block') causes.push({ code: 'blocked', decision });
  else if (decision === undefined || !isOffer(decision))
    causes.push({ code: 'not-approved', decision: decision ?? null, groups: computer.groups });
  if (computer.unknownGroups.length > 0)
    causes.push({ code: 'unknown-groups', names: computer.unknownGroups });
  return causes;
}

function isOffer({ action }: DecisionFacts): boolean {
  return action === 'Install' || action === 'OptionalInstall' || action === 'Uninstall';
}

function aboutReach(facts: ExplanationFacts): Cause[] {
  const { reach, supersededBy, files, status, decision, update, computer } = facts;
  const causes: Cause[] = [];
  // What it said before the update came says nothing about the update.
  const isCurrent = (computer?.lastScanMs ?? 0) >= (update?.importedMs ?? 0);
  const outOfScope = isCurrent && reach?.unmet !== undefined && reach.unmet.length > 0;
  if (outOfScope) causes.push({ code: 'out-of-scope', unmet: reach.unmet });
  const members = reach?.members;
  if (isCurrent && !outOfScope && members !== undefined && members.every((member) => member.unmet.length > 0))
    causes.push({ code: 'no-member-fits', members });
  const better = supersededBy.filter(
    ({ approved, state }) =>
      state === 'installed' || state === 'pendingReboot' || (approved && state === 'needed'),
  );
  if (better.length > 0) causes.push({ code: 'superseded', by: better });
  const missing = files.filter((file) => !file.stored);
  const wanted = status?.state !== 'installed' && decision !== undefined && isOffer(decision);
  if (missing.length > 0 && wanted) causes.push({ code: 'file-missing', files: missing });
  return causes;
}

function aboutContact(facts: ExplanationFacts, computer: ComputerFacts): Cause[] {
  const { nowMs, decision, update } = facts;
  const causes: Cause[] = [];
  const silentDays = Math.floor((nowMs - computer.lastContactMs) / DAY_MS);
  if (silentDays >= SILENT_DAYS)
    causes.push({ code: 'silent', lastContactMs: computer.lastContactMs, days: silentDays });
  const sinceMs = Math.max(decision?.approvedMs ?? 0, update?.importedMs ?? 0);
  const { lastScanMs, lastReportMs } = computer;
  if (lastScanMs === null || lastScanMs < sinceMs)
    causes.push({ code: 'not-scanned-yet', lastScanMs, sinceMs });
  else if (lastReportMs === null || lastScanMs - lastReportMs >= REPORT_DAYS * DAY_MS) {
    const days = lastReportMs === null ? null : Math.floor((nowMs - lastReportMs) / DAY_MS);
    causes.push({ code: 'not-reporting', lastReportMs, days });
  }
  return causes;
}

function aboutStatus(facts: ExplanationFacts, update: UpdateFacts): Cause[] {
  const { status, computer, decision, reach } = facts;
  const sinceMs = status?.sinceMs ?? null;
  const scannedSince =
    (computer?.lastScanMs ?? 0) >= Math.max(decision?.approvedMs ?? 0, update.importedMs ?? 0);
  switch (status?.state) {
    case 'installed':
      if (decision?.action === 'Uninstall') break;
      return [{ code: 'installed', sinceMs }];
    case 'pendingReboot':
      return [{ code: 'pending-reboot', sinceMs }];
    case 'failed':
      return [{ code: 'failed', sinceMs, hresult: status.hresult }];
    case 'notApplicable':
      if (reach?.unmet === undefined || reach.unmet.length > 0) return [];
      if (update.type === 'Driver') return [{ code: 'driver-not-asked', hardwareIds: update.hardwareIds }];
      return [{ code: 'not-applicable', lastReportMs: computer?.lastReportMs ?? null }];
    case undefined:
    case 'unknown':
    case 'needed':
    case 'downloaded':
      break;
  }
  const state = status?.state ?? 'unknown';
  if (update.type === 'Driver' && state === 'unknown' && scannedSince)
    return [{ code: 'driver-not-asked', hardwareIds: update.hardwareIds }];
  const offered =
    decision !== undefined && decision.withheld === null && isOffer(decision) && !update.declined;
  return offered && reach !== undefined ? [{ code: 'offered', state, decision }] : [];
}

function aboutIdentity({ sharedWith }: ComputerFacts): Cause[] {
  return sharedWith.length > 0 ? [{ code: 'shared-id', identities: sharedWith }] : [];
}

function offeredAs({ reach, update, computer }: ExplanationFacts): Explanation['offeredAs'] {
  if (reach === undefined || update?.declined === true || computer?.registeredMs === null) return null;
  return reach.unmet === undefined || reach.unmet.length > 0 ? null : reach.action;
}

import type { ExplanationView } from '../admin/explain.ts';
import type {
  Cause,
  DecisionFacts,
  NamedPrerequisite,
  PendingDecision,
  SupersederFacts,
} from '../fleet/explanation.ts';
import { oneLine } from '../errors/inert-text.ts';
import { time } from './table.ts';

/** An explanation for people: the true cause first, then what else may matter, then what to do about the first. */
export function explanationText(explained: ExplanationView): string {
  const { causes, offeredAs } = explained;
  const [first, ...others] = causes;
  const head = `${oneLine(explained.computer)}: ${oneLine(explained.update)}`;
  const told = offeredAs === null ? [] : [`The computer is sent it as ${offeredAs}.`];
  return [
    head,
    '',
    ...sentences(first),
    ...(others.length === 0
      ? []
      : ['', 'Also:', ...others.flatMap((one) => sentences(one).map((line) => `  ${line}`))]),
    ...(told.length === 0 ? [] : ['', ...told]),
  ].join('\n');
}

/** What a cause means, first as one sentence, then its evidence. All text of others on one line. */
function sentences(cause: Cause): string[] {
  switch (cause.code) {
    case 'update-unknown':
      return ['This server does not have the update. Import it first.'];
    case 'update-importing':
      return ['The import that brings the update has not finished. Run "oakum import" again.'];
    case 'computer-unknown':
      return [
        'No computer of this name or id was ever here, or it was deleted. It registers at its next scan.',
      ];
    case 'not-registered':
      return [`The computer has not registered; its last contact was ${time(cause.lastContactMs)}.`];
    case 'shared-id':
      return [
        `Several computers use this client id and overwrite one another: ${list(cause.identities)}.`,
        'See "oakum computers findings" for the cure.',
      ];
    case 'not-deployable':
      return [
        cause.type === 'Software' || cause.type === 'Driver'
          ? 'The update cannot be approved by itself: it comes along with the bundle it belongs to.'
          : `A ${cause.type.toLowerCase()} is sent to every computer that may need it; there is nothing to approve.`,
      ];
    case 'declined':
      return ['The update is declined. "oakum undecline" shows it to computers again.'];
    case 'expired':
      return ['The update has expired: whoever publishes it has withdrawn it.'];
    case 'not-due':
      return ['A rollout or a rule will approve it, and has not yet.', ...cause.pending.map(pendingText)];
    case 'not-approved':
      return cause.decision === null
        ? [`Nobody approved the update for ${list(cause.groups)} or a group above.`]
        : [`It is not approved: ${decided(cause.decision)}.`];
    case 'blocked':
      return [`It is blocked: ${decided(cause.decision)}.`];
    case 'withheld':
      return [`The approval does not take effect (${cause.decision.withheld}): ${decided(cause.decision)}.`];
    case 'licence':
      return [`Its licence was not accepted (${oneLine(cause.licence)}).`];
    case 'unknown-groups':
      return [`The computer asks for groups that do not exist: ${list(cause.names)}.`];
    case 'conflict':
      return [`Its groups disagree: ${decided(cause.decision)}, although ${othersText(cause.decision)}.`];
    case 'out-of-scope':
      return [
        'The update does not concern the computer: a prerequisite is not met.',
        ...cause.unmet.map(unmetText),
      ];
    case 'no-member-fits':
      return [
        'The update is a bundle, and no member of it concerns the computer.',
        ...cause.members.flatMap((one) => [
          `${oneLine(one.title)} (${one.updateId})`,
          ...one.unmet.map(unmetText),
        ]),
      ];
    case 'superseded':
      return ['A newer update takes its place.', ...cause.by.map(supersederText)];
    case 'file-missing':
      return [
        'Files of the update are not stored here: add them with "oakum content add".',
        ...cause.files.map((file) => `${oneLine(file.name)}, ${file.size} bytes, SHA-1 ${file.sha1}`),
      ];
    case 'not-scanned-yet':
      return [
        cause.lastScanMs === null
          ? 'The computer has never scanned here.'
          : `The computer scanned last at ${time(cause.lastScanMs)}, before ${time(cause.sinceMs)}, when this was decided or imported.`,
      ];
    case 'silent':
      return [
        `The computer has not been in contact for ${cause.days} days, since ${time(cause.lastContactMs)}.`,
      ];
    case 'not-reporting':
      return [
        cause.lastReportMs === null
          ? 'The computer scans but has never reported its status.'
          : `The computer scans but reported its status last at ${time(cause.lastReportMs)}.`,
      ];
    case 'driver-not-asked':
      return [
        'It is a driver, and no device of the computer asked for it.',
        ...(cause.hardwareIds.length === 0 ? [] : [`It is for ${list(cause.hardwareIds.slice(0, 10))}.`]),
      ];
    case 'failed':
      return [`The computer reported that it failed${errorText(cause.hresult)}${since(cause.sinceMs)}.`];
    case 'installed':
      return [`The computer has it installed${since(cause.sinceMs)}.`];
    case 'pending-reboot':
      return [`It is installed and waits for a restart${since(cause.sinceMs)}.`];
    case 'not-applicable':
      return [
        `The computer evaluated the update's rules and reported that it is not applicable` +
          `${cause.lastReportMs === null ? '' : ` (last report ${time(cause.lastReportMs)})`}.`,
      ];
    case 'offered':
      return [`It is offered: ${decided(cause.decision)}. The computer says: ${cause.state}.`];
  }
}

function decided(decision: DecisionFacts): string {
  const through = decision.inherited ? `, inherited by ${oneLine(decision.memberOf)}` : '';
  const until = decision.deadlineMs === null ? '' : `, deadline ${time(decision.deadlineMs)}`;
  const by = decision.source === 'manual' ? '' : ` by ${decision.source}`;
  return `${decision.action} for ${oneLine(decision.group)}${through}, decided ${time(decision.approvedMs)}${by}${until}`;
}

function othersText({ others }: DecisionFacts): string {
  return others.map(({ action, group }) => `${oneLine(group)} says ${action}`).join(', ');
}

function pendingText({ name, group, dueMs, reason }: PendingDecision): string {
  const due = dueMs === null ? '' : `, due ${time(dueMs)}`;
  return `${oneLine(name)}: ${oneLine(group)}, waits for ${reason}${due}`;
}

function unmetText({ isCategory, alternatives }: NamedPrerequisite): string {
  const named = alternatives.map(({ title, updateId, known, reached }) => {
    const why = known
      ? reached
        ? 'not found on it'
        : 'was not looked for, its own prerequisites fail'
      : 'not imported';
    return `${oneLine(title) || updateId} (${why})`;
  });
  if (named.length === 0) return 'a clause without alternatives, which nothing can meet';
  return `${isCategory ? 'category' : 'needs'} ${named.join(' or ')}`;
}

function supersederText({ title, updateId, approved, state }: SupersederFacts): string {
  return `${oneLine(title)} (${updateId}): ${approved ? 'approved' : 'not approved'}, ${state ?? 'unknown'}`;
}

function errorText(hresult: number): string {
  return hresult === 0 ? '' : ` with 0x${(hresult >>> 0).toString(16).padStart(8, '0')}`;
}

function since(ms: number | null): string {
  return ms === null ? '' : ` since ${time(ms)}`;
}

function list(names: readonly string[]): string {
  return names.map(oneLine).join(', ');
}

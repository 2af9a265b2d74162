import { OakumError } from '../errors/oakum-error.ts';
import { nearestNames } from '../errors/nearest-name.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { requestedGroupNames } from '../fleet/targeting.ts';
import type { FindingKind } from '../fleet/finding.ts';
import type { Guid } from '../soap/simple-type.ts';
import { appendAudit } from '../store/audit.ts';
import {
  listComputers,
  listSystems,
  pageOfComputers,
  type ComputerFilter,
  type ListedComputer,
  systemOf,
  type SystemRow,
} from '../store/computer-list.ts';
import { assignComputer, deleteComputer } from '../store/computers.ts';
import { listGroups } from '../store/groups.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import type { Db, DbOrTx } from '../store/schema.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { findFindings } from './findings.ts';
import { findGroup } from './groups.ts';

/** A computer as administrators see it. Times in milliseconds; null is what it never told or did. */
export interface ComputerView {
  readonly clientId: string;
  readonly name: string;
  readonly address: string;
  /** With version and edition, for example `Windows 11 24H2 Pro`. */
  readonly operatingSystem: string;
  readonly osVersion: string | null;
  readonly osNumber: string;
  readonly isServer: boolean;
  readonly isDomainController: boolean;
  /** What the client calls its system: Windows 11 says "Windows 10 Pro". */
  readonly osDescription: string | null;
  readonly osLocale: string | null;
  readonly architecture: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly biosName: string | null;
  readonly biosVersion: string | null;
  readonly biosReleaseDate: string | null;
  readonly firmwareVersion: string | null;
  readonly clientVersion: string | null;
  readonly groups: readonly string[];
  /** Names the computer asks for by group policy. */
  readonly requestedGroups: readonly string[];
  /** Those of them that no group has. */
  readonly unknownGroups: readonly string[];
  readonly firstSeenMs: number;
  readonly registeredMs: number | null;
  readonly lastContactMs: number;
  readonly lastScanMs: number | null;
  readonly lastReportMs: number | null;
}

/** What a list of computers is limited to; all of it must hold. */
export interface ComputerQuery extends ListPage {
  /** A client id, or part of the name. */
  readonly text?: string;
  /** A group with everything below it, by name or id. */
  readonly group?: string;
  /** Part of the operating system as it is shown, or of its number. */
  readonly os?: string;
  /** Part of the manufacturer or the model. */
  readonly model?: string;
  /** Not in contact since this time. */
  readonly silentSinceMs?: number;
  readonly finding?: FindingKind;
  readonly nowMs: number;
}

/** @throws OakumError OAK_GROUP_UNKNOWN */
export async function viewComputers(db: DbOrTx, query: ComputerQuery): Promise<ListPart<ComputerView>> {
  const { text, model, silentSinceMs } = query;
  const filter: ComputerFilter = {
    ...(text === undefined ? {} : { text }),
    ...(model === undefined ? {} : { model }),
    ...(silentSinceMs === undefined ? {} : { silentSinceMs }),
    ...(query.group === undefined ? {} : await membersOf(db, query.group)),
    ...(query.os === undefined ? {} : { systems: await systemsLike(db, query.os) }),
    ...(query.finding === undefined
      ? {}
      : {
          clientIds: (await findFindings(db, { kind: query.finding, nowMs: query.nowMs })).map(
            (one) => one.clientId,
          ),
        }),
  };
  const part = await pageOfComputers(db, filter, query);
  return { ...part, items: await viewsOf(db, part.items) };
}

/** The computers as people see them. */
export async function viewsOf(db: DbOrTx, rows: readonly ListedComputer[]): Promise<ComputerView[]> {
  const names = new Map((await listGroups(db)).map((group) => [group.id, group.name]));
  return rows.map((row) => view(row, names));
}

async function membersOf(db: DbOrTx, name: string): Promise<Pick<ComputerFilter, 'groupIds' | 'unassigned'>> {
  const groups = await listGroups(db);
  const groupIds = [(await findGroup(db, name)).id];
  // A list that grows while it is gone through: every group is looked at once.
  for (const id of groupIds)
    groupIds.push(
      ...groups.filter((one) => one.parentId === id && !groupIds.includes(one.id)).map((one) => one.id),
    );
  return { groupIds, unassigned: groupIds.includes(UNASSIGNED_COMPUTERS) };
}

async function systemsLike(db: DbOrTx, text: string): Promise<SystemRow[]> {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (await listSystems(db)).filter((row) => {
    const { name, number } = systemOf(row);
    const said = `${name} ${number}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

function view(row: ListedComputer, names: ReadonlyMap<Guid, string>): ComputerView {
  const groupIds = row.groupIds.length > 0 ? row.groupIds : [UNASSIGNED_COMPUTERS];
  const system = systemOf(row);
  const requestedGroups = requestedGroupNames(row.requested_groups);
  const known = new Set([...names.values()].map((name) => name.toLowerCase()));
  return {
    clientId: row.client_id,
    name: row.dns_name,
    address: row.address,
    operatingSystem: system.name,
    osVersion: system.version ?? null,
    osNumber: system.number,
    isServer: system.isServer,
    isDomainController: system.isDomainController,
    osDescription: row.os_description,
    osLocale: row.os_locale,
    architecture: row.processor_architecture,
    manufacturer: row.manufacturer,
    model: row.model,
    biosName: row.bios_name,
    biosVersion: row.bios_version,
    biosReleaseDate: row.bios_release_date,
    firmwareVersion: row.firmware_version,
    clientVersion: row.client_version,
    groups: groupIds.map((id) => names.get(id) ?? id),
    requestedGroups,
    unknownGroups: requestedGroups.filter((name) => !known.has(name.toLowerCase())),
    firstSeenMs: row.first_seen_ms,
    registeredMs: row.registered_ms,
    lastContactMs: row.last_contact_ms,
    lastScanMs: row.last_scan_ms,
    lastReportMs: row.last_report_ms,
  };
}

/**
 * The computer a person means, by client id, name or part of it.
 *
 * @throws OakumError OAK_COMPUTER_UNKNOWN with the nearest names, or with some of those that fit
 */
export async function findComputer(db: DbOrTx, name: string): Promise<ListedComputer> {
  const wanted = name.trim().toLowerCase();
  const found = wanted === '' ? [] : await listComputers(db, { text: wanted });
  const exact = found.filter((row) => row.client_id === wanted || row.dns_name.toLowerCase() === wanted);
  const [only, another] = exact.length > 0 ? exact : found;
  if (only === undefined)
    throw new OakumError('OAK_COMPUTER_UNKNOWN', { detail: await unknownComputer(db, name) });
  if (another !== undefined) {
    const some = found.slice(0, 5).map((row) => `${row.dns_name} (${row.client_id})`);
    throw new OakumError('OAK_COMPUTER_UNKNOWN', {
      detail: `"${name}" fits ${found.length} computers: ${some.join(', ')}${found.length > 5 ? ', …' : '.'}`,
    });
  }
  return only;
}

/** Looking for the nearest of a hundred thousand names takes a second: only those that begin alike are compared. */
async function unknownComputer(db: DbOrTx, name: string): Promise<string> {
  const start = name.trim().slice(0, 2).replaceAll(/[%_]/g, '');
  const alike = await db
    .selectFrom('computer')
    .select('dns_name')
    .where('dns_name', 'like', `${start}%`)
    .limit(20_000)
    .execute();
  const nearest = nearestNames(
    name,
    alike.map((row) => row.dns_name),
  );
  const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.map((one) => `"${one}"`).join(' or ')}?`;
  return `"${name}".${hint}`;
}

/** One computer with everything that is known of it. */
export async function showComputer(db: DbOrTx, name: string): Promise<ComputerView> {
  const [only] = await viewsOf(db, [await findComputer(db, name)]);
  return only;
}

/** Makes a computer belong to exactly these groups; to none means Unassigned Computers. */
export async function moveComputer(
  db: Db,
  caller: Caller,
  computer: string,
  groupNames: readonly string[],
  nowMs: number,
  dryRun = false,
): Promise<ComputerView> {
  return inTransaction(db, dryRun, async (tx) => {
    const row = await findComputer(tx, computer);
    const groupIds: Guid[] = [];
    for (const name of groupNames) groupIds.push((await findGroup(tx, name)).id);
    const assigned = [...new Set(groupIds)].filter((id) => id !== UNASSIGNED_COMPUTERS);
    await assignComputer(tx, row.client_id, assigned);
    const [moved] = await viewsOf(tx, [{ ...row, groupIds: assigned }]);
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: 'computer.move',
      subject: row.client_id,
      before: { groupIds: row.groupIds },
      after: { groupIds: assigned },
    });
    return moved;
  });
}

/** Forgets a computer; when it comes back, it registers as a new one. */
export async function removeComputer(
  db: Db,
  caller: Caller,
  computer: string,
  nowMs: number,
  dryRun = false,
): Promise<ComputerView> {
  return inTransaction(db, dryRun, async (tx) => {
    const row = await findComputer(tx, computer);
    const [removed] = await viewsOf(tx, [row]);
    await deleteComputer(tx, row.client_id);
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: 'computer.delete',
      subject: row.client_id,
      before: { name: row.dns_name, groupIds: row.groupIds },
    });
    return removed;
  });
}

import { OakumError } from '../errors/oakum-error.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { requestedGroupNames } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listComputers, type ComputerFilter, type ListedComputer } from '../store/computer-list.ts';
import { assignComputer, deleteComputer } from '../store/computers.ts';
import { listGroups } from '../store/groups.ts';
import type { Db, DbOrTx } from '../store/schema.ts';
import type { Caller } from './caller.ts';
import { findGroup } from './groups.ts';

/** A computer as administrators see it. Times in milliseconds. */
export interface ComputerView {
  readonly clientId: string;
  readonly name: string;
  readonly address: string;
  readonly operatingSystem: string;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly clientVersion: string | null;
  readonly groups: readonly string[];
  /** Names the computer asks for by group policy. */
  readonly requestedGroups: readonly string[];
  readonly firstSeenMs: number;
  readonly lastContactMs: number;
  readonly registeredMs: number | null;
}

export async function viewComputers(db: DbOrTx, filter: ComputerFilter): Promise<ComputerView[]> {
  const names = new Map((await listGroups(db)).map((group) => [group.id, group.name]));
  return (await listComputers(db, filter)).map((row) => view(row, names));
}

function view(row: ListedComputer, names: ReadonlyMap<Guid, string>): ComputerView {
  const groupIds = row.groupIds.length > 0 ? row.groupIds : [UNASSIGNED_COMPUTERS];
  return {
    clientId: row.client_id,
    name: row.dns_name,
    address: row.address,
    operatingSystem: [
      row.os_description,
      `${row.os_major ?? '?'}.${row.os_minor ?? '?'}.${row.os_build ?? '?'}`,
    ]
      .filter((part) => part !== null)
      .join(' '),
    manufacturer: row.manufacturer,
    model: row.model,
    clientVersion: row.client_version,
    groups: groupIds.map((id) => names.get(id) ?? id),
    requestedGroups: requestedGroupNames(row.requested_groups),
    firstSeenMs: row.first_seen_ms,
    lastContactMs: row.last_contact_ms,
    registeredMs: row.registered_ms,
  };
}

/** The computer a person means, by client id or name. */
async function findComputerId(db: DbOrTx, name: string): Promise<string> {
  const found = await listComputers(db, { text: name });
  const wanted = name.trim().toLowerCase();
  const exact = found.filter((row) => row.client_id === wanted || row.dns_name.toLowerCase() === wanted);
  const [only, another] = exact.length > 0 ? exact : found;
  if (only === undefined || another !== undefined) {
    throw new OakumError('OAK_COMPUTER_UNKNOWN', {
      detail: another === undefined ? `"${name}".` : `"${name}" fits ${found.length} computers.`,
    });
  }
  return only.client_id;
}

/** Makes a computer belong to exactly these groups; to none means Unassigned Computers. */
export async function moveComputer(
  db: Db,
  _caller: Caller,
  computer: string,
  groupNames: readonly string[],
): Promise<ComputerView> {
  return db.transaction().execute(async (tx) => {
    const clientId = await findComputerId(tx, computer);
    const groupIds: Guid[] = [];
    for (const name of groupNames) groupIds.push((await findGroup(tx, name)).id);
    await assignComputer(
      tx,
      clientId,
      groupIds.filter((id) => id !== UNASSIGNED_COMPUTERS),
    );
    const [moved] = await viewComputers(tx, { text: clientId });
    return moved;
  });
}

/** Forgets a computer; when it comes back, it registers as a new one. */
export async function removeComputer(db: Db, _caller: Caller, computer: string): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const clientId = await findComputerId(tx, computer);
    await deleteComputer(tx, clientId);
    return clientId;
  });
}

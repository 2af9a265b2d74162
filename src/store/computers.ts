import type { Guid } from '../soap/simple-type.ts';
import type { ComputerDetails, ComputerGreeting } from '../fleet/computer-registry.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { advance } from './sequence.ts';

/** A computer with the names of nothing: groups are ids. */
export interface ComputerRow {
  readonly clientId: string;
  readonly dnsName: string;
  readonly address: string;
  readonly requestedGroups: string;
  readonly registeredMs: number | null;
  readonly groupIds: readonly Guid[];
}

/** One computer as scans need it. */
export async function findComputer(db: DbOrTx, clientId: string): Promise<ComputerRow | undefined> {
  const row = await db
    .selectFrom('computer')
    .select(['client_id', 'dns_name', 'address', 'requested_groups', 'registered_ms'])
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const groups = await db
    .selectFrom('computer_group')
    .select('group_id')
    .where('client_id', '=', clientId)
    .execute();
  return {
    clientId: row.client_id,
    dnsName: row.dns_name,
    address: row.address,
    requestedGroups: row.requested_groups,
    registeredMs: row.registered_ms,
    groupIds: groups.map((group) => group.group_id as Guid),
  };
}

/** Creates the computer, or brings what it says of itself up to date. */
export async function greetComputer(tx: Tx, greeting: ComputerGreeting, nowMs: number): Promise<void> {
  const said = {
    dns_name: greeting.dnsName,
    address: greeting.address,
    requested_groups: greeting.requestedGroups,
    last_contact_ms: nowMs,
  };
  await tx
    .insertInto('computer')
    .values({ client_id: greeting.clientId, first_seen_ms: nowMs, ...said, ...NOT_REGISTERED })
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(said))
    .execute();
}

const NOT_REGISTERED = {
  registered_ms: null,
  os_major: null,
  os_minor: null,
  os_build: null,
  os_sp_major: null,
  os_sp_minor: null,
  os_locale: null,
  manufacturer: null,
  model: null,
  bios_version: null,
  bios_name: null,
  bios_release_date: null,
  processor_architecture: null,
  suite_mask: null,
  old_product_type: null,
  new_product_type: null,
  system_metrics: null,
  client_version: null,
  os_description: null,
  oem: null,
  device_type: null,
  firmware_version: null,
  mobile_operator: null,
} as const;

/** Stores what a computer registered; creates it again when it was deleted since it greeted. */
export async function registerComputer(
  tx: Tx,
  { clientId, address }: Pick<ComputerGreeting, 'clientId' | 'address'>,
  details: ComputerDetails,
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('computer')
    .values({
      client_id: clientId,
      dns_name: details.dnsName ?? clientId,
      address,
      requested_groups: '',
      first_seen_ms: nowMs,
      last_contact_ms: nowMs,
      ...NOT_REGISTERED,
    })
    .onConflict((conflict) => conflict.column('client_id').doNothing())
    .execute();
  await tx
    .updateTable('computer')
    .set({
      registered_ms: nowMs,
      last_contact_ms: nowMs,
      os_major: details.osMajor ?? null,
      os_minor: details.osMinor ?? null,
      os_build: details.osBuild ?? null,
      os_sp_major: details.osServicePackMajor ?? null,
      os_sp_minor: details.osServicePackMinor ?? null,
      os_locale: details.osLocale ?? null,
      manufacturer: details.manufacturer ?? null,
      model: details.model ?? null,
      bios_version: details.biosVersion ?? null,
      bios_name: details.biosName ?? null,
      bios_release_date: details.biosReleaseDate ?? null,
      processor_architecture: details.processorArchitecture ?? null,
      suite_mask: details.suiteMask ?? null,
      old_product_type: details.oldProductType ?? null,
      new_product_type: details.newProductType ?? null,
      system_metrics: details.systemMetrics ?? null,
      client_version: details.clientVersion ?? null,
      os_description: details.osDescription ?? null,
      oem: details.oem ?? null,
      device_type: details.deviceType ?? null,
      firmware_version: details.firmwareVersion ?? null,
      mobile_operator: details.mobileOperator ?? null,
      ...(details.dnsName === undefined ? {} : { dns_name: details.dnsName }),
    })
    .where('client_id', '=', clientId)
    .execute();
}

/** Makes a computer belong directly to exactly these groups. */
export async function assignComputer(tx: Tx, clientId: string, groupIds: readonly Guid[]): Promise<void> {
  await tx.deleteFrom('computer_group').where('client_id', '=', clientId).execute();
  if (groupIds.length > 0) {
    await tx
      .insertInto('computer_group')
      .values(groupIds.map((groupId) => ({ client_id: clientId, group_id: groupId })))
      .execute();
  }
  await advance(tx, 'fleet_change');
}

/** Forgets a computer. It registers again by itself. */
export async function deleteComputer(tx: Tx, clientId: string): Promise<boolean> {
  const result = await tx.deleteFrom('computer').where('client_id', '=', clientId).executeTakeFirst();
  await advance(tx, 'fleet_change');
  return result.numDeletedRows > 0n;
}

/** Changes whenever a computer moved or went, so that processes forget what they remember of it. */
export async function readFleetChange(db: DbOrTx): Promise<number> {
  const row = await db
    .selectFrom('sequence')
    .select('value')
    .where('name', '=', 'fleet_change')
    .executeTakeFirstOrThrow();
  return row.value;
}

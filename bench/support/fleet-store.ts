import type { DatabaseSync } from 'node:sqlite';
import type { ClientEvent } from '../../src/fleet/event-journal.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { connect, databasePath } from '../../src/store/connect.ts';
import { recountUpdates } from '../../src/store/counted-updates.ts';
import { GroupCommit } from '../../src/store/group-commit.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { encodeCommand } from '../../src/store/write-command.ts';

/** How large a fleet and its catalogue are. */
export interface FleetSize {
  readonly computers: number;
  /** Reported by each computer. */
  readonly statesEach: number;
  readonly updates: number;
}

const GROUPS = 20;
const PRODUCTS = 30;
const CLASSIFICATIONS = 5;
const START_MS = Date.UTC(2026, 0, 1);
const COMMANDS_AT_ONCE = 200;

const guid = (kind: string, index: number): string =>
  `${kind}${index.toString(16).padStart(8 - kind.length, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

export const clientIdOf = (computer: number): string => guid('c', computer);
export const updateIdOf = (update: number): UpdateId => guid('a', update) as UpdateId;
export const groupName = (group: number): string => `Site ${group}`;
export const productName = (product: number): string => `Product ${product}`;
export const classificationName = (classification: number): string => `Classification ${classification}`;

/** A computer's list of updates: the newer ones are everywhere, the older ones here and there. */
export function listOf(computer: number, size: FleetSize): number[] {
  const chosen = new Set<number>();
  let state = Math.imul(computer + 1, 0x9e3779b1) >>> 0;
  while (chosen.size < size.statesEach) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chosen.add(Math.floor(size.updates * (state / 2 ** 32) ** 2));
  }
  return [...chosen];
}

let events = 0;

export function fleetEvent(computer: number, event: Partial<ClientEvent>): ClientEvent {
  return {
    instanceId: guid('e', events++) as Guid,
    clientId: clientIdOf(computer),
    namespaceId: 1,
    eventId: 147,
    sourceId: 101,
    timeMs: START_MS,
    update: undefined,
    hresult: 0,
    appName: 'UpdateOrchestrator',
    replacementStrings: [],
    miscData: [],
    ...event,
  };
}

/** A scan that succeeded: some of the list is installed, the rest is needed. */
export function scanEvents(
  computer: number,
  size: FleetSize,
  scan: { readonly timeMs: number; readonly installed: number },
): ClientEvent[] {
  const ids = listOf(computer, size).map((update) => updateIdOf(update).toUpperCase());
  const lists = [`U=${ids.slice(scan.installed).join(';')}`, `V=${ids.slice(0, scan.installed).join(';')}`];
  return [
    fleetEvent(computer, { timeMs: scan.timeMs, replacementStrings: ['3'] }),
    fleetEvent(computer, { timeMs: scan.timeMs, eventId: 156, miscData: lists }),
  ];
}

/** Of each computer's list; what is missing to the whole list is needed. */
export const installedShare = (size: FleetSize): number => Math.floor(size.statesEach * 0.8);

/**
 * A store of a fleet of which every computer has reported once, one update in a hundred failed. Everything that
 * is summed up went through the same functions as on a server; only the disk is not waited for.
 */
export async function buildFleet(
  folder: string,
  size: FleetSize,
): Promise<{ readonly store: Store; readonly firstReportsPerSecond: number }> {
  const store = await openStore({ dataFolder: folder, now: () => START_MS });
  const database = connect(databasePath(folder), { readOnly: false, cacheMebibytes: 512 });
  try {
    database.exec('PRAGMA synchronous = OFF; BEGIN');
    insertCatalogue(database, size);
    insertComputers(database, size);
    database.exec('COMMIT');
    await store.db.transaction().execute((tx) => recountUpdates(tx, 'all', START_MS));
    const commit = new GroupCommit(database, 10_000);
    const timeMs = START_MS + 1_000;
    const started = performance.now();
    for (let from = 0; from < size.computers; from += COMMANDS_AT_ONCE) {
      const commands: string[] = [];
      for (let computer = from; computer < Math.min(size.computers, from + COMMANDS_AT_ONCE); computer++) {
        const scan = scanEvents(computer, size, { timeMs, installed: installedShare(size) });
        const failed = listOf(computer, size).at(-1)!;
        const failure = fleetEvent(computer, {
          eventId: 182,
          timeMs: timeMs + 1,
          hresult: [-2147023293, -2145124318, -2146498272][computer % 3],
          update: { updateId: updateIdOf(failed), revisionNumber: 1 },
        });
        const all = computer % 2 === 0 ? [...scan, failure] : scan;
        commands.push(encodeCommand('appendEvents', { receivedMs: timeMs + 1, events: all }));
      }
      const { failures } = commit.run(commands);
      if (failures.length > 0) throw new Error(failures[0].message);
    }
    const seconds = (performance.now() - started) / 1000;
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return { store, firstReportsPerSecond: size.computers / seconds };
  } finally {
    database.close();
  }
}

function insertCatalogue(database: DatabaseSync, size: FleetSize): void {
  const addUpdate = database.prepare('INSERT INTO update_entry (number, update_id) VALUES (?, ?)');
  const addRevision = database.prepare(
    `INSERT INTO revision (update_number, revision_number, type, flags, relations, core_bytes, imported_ms, change,
       title, default_language, category_type, kb_articles, security_bulletins, cves)
     VALUES (?, 1, ?, ?, ?, 1, ?, 1, ?, 'en', ?, ?, '', ?)`,
  );
  const category = (number: number, title: string, kind: string): void => {
    addUpdate.run(number, guid('b', number));
    addRevision.run(number, 0, 0, relations([]), START_MS, title, kind, '', '');
  };
  const first = size.updates + 1;
  for (let one = 0; one < PRODUCTS; one++) category(first + one, productName(one), 'Product');
  for (let one = 0; one < CLASSIFICATIONS; one++)
    category(first + PRODUCTS + one, classificationName(one), 'UpdateClassification');
  for (let update = 0; update < size.updates; update++) {
    addUpdate.run(update + 1, updateIdOf(update));
    const categories = [first + (update % PRODUCTS), first + PRODUCTS + (update % CLASSIFICATIONS)];
    const kb = String(5_000_000 + update);
    const cve = `CVE-2026-${1000 + (update % 500)}`;
    const title = `Update ${update} (KB${kb})`;
    addRevision.run(update + 1, 2, 1, relations(categories), START_MS, title, null, kb, cve);
  }
}

/** Prerequisites only, see relations-codec.ts. */
function relations(categories: readonly number[]): Uint8Array {
  const row = [categories.length, ...categories.flatMap((number) => [3, number]), 0];
  return new Uint8Array(Int32Array.from(row).buffer);
}

function insertComputers(database: DatabaseSync, size: FleetSize): void {
  const addGroup = database.prepare(
    `INSERT INTO target_group (id, name, parent_id) VALUES (?, ?, (SELECT id FROM target_group WHERE name = 'All Computers'))`,
  );
  for (let group = 0; group < GROUPS; group++) addGroup.run(guid('d', group), groupName(group));
  const addComputer = database.prepare(
    `INSERT INTO computer (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms, registered_ms,
       os_major, os_minor, os_build, manufacturer, model, client_version, os_description)
     VALUES (?, ?, '192.0.2.1', '', ?, ?, ?, 10, 0, 26200, 'Caulker', 'Caulker 14', '1507.2601.30012.0', 'Windows')`,
  );
  const join = database.prepare('INSERT INTO computer_group (client_id, group_id) VALUES (?, ?)');
  for (let computer = 0; computer < size.computers; computer++) {
    const id = clientIdOf(computer);
    addComputer.run(id, `pc-${computer}.example.com`, START_MS, START_MS, START_MS);
    join.run(id, guid('d', computer % GROUPS));
  }
}

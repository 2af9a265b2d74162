import type { ComputerDetails } from '../../src/fleet/computer-registry.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { StoredComputerRegistry } from '../../src/store/computer-registry.ts';
import { createEventJournal } from '../../src/store/event-journal.ts';
import type { Writer } from '../../src/store/writer.ts';
import { clientEvent } from './client-event.ts';
import { REVISION_NUMBER } from './sample-catalogue.ts';
import { TempStore } from './temp-store.ts';
import { tempWriter } from './temp-writer.ts';

export const DAY_MS = 86_400_000;

/** What a computer of the tests registers. */
export const DETAILS: ComputerDetails = {
  dnsName: undefined,
  osMajor: 10,
  osMinor: 0,
  osBuild: 26_100,
  osServicePackMajor: 0,
  osServicePackMinor: 0,
  osLocale: 'en-US',
  manufacturer: 'Fernhollow',
  model: 'Bench',
  biosVersion: '1.2',
  biosName: 'B',
  biosReleaseDate: undefined,
  processorArchitecture: 'AMD64',
  suiteMask: 256,
  oldProductType: 1,
  newProductType: 48,
  systemMetrics: 0,
  clientVersion: '1507.2601.30012.0',
  osDescription: 'Windows 10 Pro',
  oem: undefined,
  deviceType: undefined,
  firmwareVersion: undefined,
  mobileOperator: undefined,
};

/** What a computer reports of updates, as event 156 lists them. */
export interface ReportedStates {
  readonly needed?: readonly UpdateId[];
  readonly installed?: readonly UpdateId[];
  readonly pendingReboot?: readonly UpdateId[];
}

/** A store with computers that behave as the services let them: `await using fleet = await FleetStore.open()`. */
export class FleetStore implements AsyncDisposable {
  readonly temp: TempStore;
  readonly writer: Writer;
  readonly #registry: StoredComputerRegistry;
  #events = 0;

  private constructor(temp: TempStore) {
    this.temp = temp;
    this.writer = tempWriter(temp);
    this.#registry = this.#open();
  }

  static async open(documents: readonly Uint8Array[] = []): Promise<FleetStore> {
    const temp = await TempStore.open();
    if (documents.length > 0) await temp.import(documents);
    return new FleetStore(temp);
  }

  get db(): TempStore['db'] {
    return this.temp.db;
  }

  get nowMs(): number {
    return this.temp.nowMs;
  }

  /** What a server does that learns of a change. */
  forget(): void {
    this.#registry.forget();
  }

  advance(ms: number): void {
    this.temp.nowMs += ms;
  }

  async greet(clientId: string, dnsName = clientId, requestedGroups = ''): Promise<void> {
    await this.#registry.greet({ clientId, dnsName, requestedGroups, address: '192.0.2.1' });
  }

  async register(clientId: string, details: Partial<ComputerDetails> = {}): Promise<void> {
    await this.#registry.register(clientId, '192.0.2.1', { ...DETAILS, ...details });
  }

  /** Greets, registers and scans, with these non-leaf updates installed. */
  async scanned(clientId: string, installed: readonly UpdateId[], dnsName = clientId): Promise<void> {
    await this.greet(clientId, dnsName);
    await this.register(clientId);
    const ids = await this.revisionIds(installed);
    await this.flush((registry) => registry.scanned(clientId, Int32Array.from(ids)));
  }

  /** Does something with a registry and lets it store what it has collected. */
  async flush(work: (registry: StoredComputerRegistry) => void): Promise<void> {
    const registry = this.#open();
    work(registry);
    await registry.close();
  }

  /** A finished scan and the report behind it. */
  async report(clientId: string, { needed, installed, pendingReboot }: ReportedStates = {}): Promise<void> {
    const lists = { U: needed, V: installed, W: pendingReboot };
    const miscData = Object.entries(lists).flatMap(([key, ids]) => (ids ? [`${key}=${ids.join(';')}`] : []));
    await this.#append({ clientId, eventId: 147 }, { clientId, eventId: 156, miscData });
  }

  async failed(clientId: string, updateId: UpdateId, hresult: number): Promise<void> {
    const update = { updateId, revisionNumber: REVISION_NUMBER };
    await this.#append({ clientId, eventId: 182, update, hresult });
  }

  async revisionIds(updates: readonly UpdateId[]): Promise<number[]> {
    const rows = await this.db
      .selectFrom('revision')
      .innerJoin('update_entry', 'update_entry.number', 'revision.update_number')
      .select('revision.id')
      .where('update_id', 'in', [...updates, ''])
      .orderBy('revision.id')
      .execute();
    return rows.map((row) => row.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry.close();
    await this.writer.close();
    await this.temp[Symbol.asyncDispose]();
  }

  async #append(...events: readonly Parameters<typeof clientEvent>[1][]): Promise<void> {
    const journal = createEventJournal(this.writer, this.temp.now);
    const timeMs = this.nowMs;
    await journal.append(events.map((event) => clientEvent(++this.#events, { timeMs, ...event })));
  }

  #open(): StoredComputerRegistry {
    return new StoredComputerRegistry(
      { reader: this.temp.store.reader, writer: this.writer },
      {
        now: this.temp.now,
        targeting: 'server',
        groups: () => new Map<Guid, never>(),
        onFailure: (error) => {
          throw error;
        },
      },
    );
  }
}

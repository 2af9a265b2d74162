import type { DatabaseSync } from 'node:sqlite';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import type {
  ComputerDetails,
  ComputerGreeting,
  ComputerRegistry,
  ComputerStanding,
} from '../fleet/computer-registry.ts';
import { directGroups, type TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { ComputerReader, detailsDigest, greetingDigest, type StoredComputer } from './computer-reader.ts';
import { LastScans } from './last-scans.ts';
import { LazyWrites } from './lazy-writes.ts';
import { RecentMap } from '../fleet/recent-map.ts';
import type { Writer } from './writer.ts';

/** About 170 bytes each. Whoever is not kept is read again when it comes, which takes 8 µs. */
const COMPUTERS_KEPT = 200_000;
/** Sets of groups that occur; more of them only cost memory. */
const STANDINGS_KEPT = 10_000;

export interface ComputerRegistryOptions {
  readonly now: () => number;
  readonly targeting: TargetingMode;
  /** The groups there are now, for client-side targeting; another map when they changed. */
  readonly groups: () => ReadonlyMap<Guid, GroupRow>;
  /** Told when last contacts could not be stored: they are lost. */
  readonly onFailure: (error: unknown) => void;
}

interface KnownComputer {
  readonly standing: ComputerStanding;
  /** Digest of its greeting. */
  readonly greeting: number;
  /** Digest of its registration; undefined until it was needed. */
  readonly details: number | undefined;
}

/**
 * The fleet in the database, with what scans need of recently seen computers in memory. Every computer
 * greets and registers at every scan: only what is new is worth a write, and what is new is told by digests.
 *
 * Only registered computers are remembered. They change without this process only in ways it is told of;
 * one that has not registered yet may do so at another process.
 */
export class StoredComputerRegistry implements ComputerRegistry {
  readonly #writer: Writer;
  readonly #reader: ComputerReader;
  readonly #options: ComputerRegistryOptions;
  /** When computers were seen last. */
  readonly #contacts: LazyWrites<'seen', number>;
  readonly #scans: LastScans;
  readonly #known = new RecentMap<KnownComputer>(COMPUTERS_KEPT);
  readonly #standings = new Map<string, ComputerStanding>();
  #groups: ReadonlyMap<Guid, GroupRow> = new Map();

  /** @param store its reader is asked; whatever is stored goes through the writer */
  constructor(
    store: { readonly reader: DatabaseSync; readonly writer: Writer },
    options: ComputerRegistryOptions,
  ) {
    this.#writer = store.writer;
    this.#reader = new ComputerReader(store.reader);
    this.#options = options;
    this.#contacts = new LazyWrites({
      ...{ writer: store.writer, command: 'seen', onFailure: options.onFailure },
      commandOf: (computers) => ({ computers }),
    });
    this.#scans = new LastScans(store.writer, options.onFailure);
  }

  find(clientId: string): ComputerStanding | undefined {
    return this.#find(clientId)?.standing;
  }

  seen(clientId: string): void {
    this.#contacts.note(clientId, this.#options.now());
  }

  scanned(clientId: string, installed: Int32Array): void {
    this.#scans.note(clientId, this.#options.now(), installed);
  }

  async greet(greeting: ComputerGreeting): Promise<void> {
    const { clientId } = greeting;
    const said = greetingDigest(greeting);
    if (this.#find(clientId)?.greeting === said) {
      this.seen(clientId);
      return;
    }
    await this.#writer.execute('greet', { greeting, nowMs: this.#options.now() });
    this.#readAgain(clientId, { greeting: said });
  }

  async register(clientId: string, address: string, details: ComputerDetails): Promise<void> {
    const said = detailsDigest(details);
    if (this.#registered(clientId) === said) {
      this.seen(clientId);
      return;
    }
    await this.#writer.execute('register', { clientId, address, details, nowMs: this.#options.now() });
    this.#readAgain(clientId, { details: said });
  }

  /** Forgets what is remembered, because another process changed the fleet. */
  forget(): void {
    this.#known.clear();
    this.#standings.clear();
  }

  /** Stores the last contacts and scans that are still in memory. */
  async close(): Promise<void> {
    await Promise.all([this.#contacts.close(), this.#scans.close()]);
  }

  #find(clientId: string): KnownComputer | undefined {
    if (this.#options.targeting === 'client') this.#followGroups();
    return this.#known.get(clientId) ?? this.#read(clientId, {});
  }

  #followGroups(): void {
    const groups = this.#options.groups();
    if (groups === this.#groups) return;
    this.#groups = groups;
    this.forget();
  }

  /** What the computer registered last, as a digest; undefined when it never did. */
  #registered(clientId: string): number | undefined {
    const known = this.#find(clientId);
    if (known === undefined || !known.standing.registered) return undefined;
    if (known.details !== undefined) return known.details;
    const details = this.#reader.readDetails(clientId);
    this.#known.set(clientId, { ...known, details });
    return details;
  }

  /**
   * After a write. What it said is kept as it said it: a computer whose registration gives another name than
   * its greeting does would otherwise change its row twice with each scan.
   */
  #readAgain(clientId: string, said: Partial<KnownComputer>): void {
    const known = this.#known.get(clientId);
    this.#read(clientId, { ...(known && { greeting: known.greeting, details: known.details }), ...said });
  }

  #read(clientId: string, said: Partial<KnownComputer>): KnownComputer | undefined {
    const row = this.#reader.read(clientId);
    this.#known.delete(clientId);
    if (row === undefined) return undefined;
    const standing = this.#standingOf(row);
    const known = { standing, greeting: row.greeting, details: undefined, ...said };
    if (standing.registered) this.#known.set(clientId, known);
    return known;
  }

  // A fleet has few sets of groups: computers share them, and whoever asks can tell by the object.
  #standingOf(row: StoredComputer): ComputerStanding {
    const { targeting } = this.#options;
    const placed = targeting === 'client' ? row.requestedGroups : row.groupIds.join(' ');
    const key = `${row.registered ? 'registered' : 'new'} ${placed}`;
    const shared = this.#standings.get(key);
    if (shared !== undefined) return shared;
    const groupIds = directGroups(targeting, row, this.#groups.values());
    const standing = { registered: row.registered, groupIds };
    if (this.#standings.size >= STANDINGS_KEPT) this.#standings.clear();
    this.#standings.set(key, standing);
    return standing;
  }
}

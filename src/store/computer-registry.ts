import type {
  ComputerDetails,
  ComputerGreeting,
  ComputerRegistry,
  ComputerStanding,
} from '../fleet/computer-registry.ts';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { directGroups } from '../fleet/targeting.ts';
import { findComputer, greetComputer, registerComputer, type ComputerRow } from './computers.ts';
import type { Db } from './schema.ts';

const STANDINGS_KEPT = 100_000;

export interface ComputerRegistryOptions {
  readonly now: () => number;
  readonly targeting: TargetingMode;
  /** The groups there are now, for client-side targeting. */
  readonly groups: () => Iterable<GroupRow>;
}

/** The fleet in the database, with what scans need of recently seen computers in memory. */
export class StoredComputerRegistry implements ComputerRegistry {
  readonly #db: Db;
  readonly #options: ComputerRegistryOptions;
  readonly #known = new Map<string, ComputerRow>();

  constructor(db: Db, options: ComputerRegistryOptions) {
    this.#db = db;
    this.#options = options;
  }

  async find(clientId: string): Promise<ComputerStanding | undefined> {
    const row = await this.#row(clientId);
    if (row === undefined) return undefined;
    return {
      clientId: row.clientId,
      dnsName: row.dnsName,
      address: row.address,
      requestedGroups: row.requestedGroups,
      registered: row.registeredMs !== null,
      groupIds: directGroups(this.#options.targeting, row, this.#options.groups()),
    };
  }

  async greet(greeting: ComputerGreeting): Promise<void> {
    const known = await this.#row(greeting.clientId);
    const unchanged =
      known?.dnsName === greeting.dnsName &&
      known.requestedGroups === greeting.requestedGroups &&
      known.address === greeting.address;
    // Every computer greets at least once per scan: only what is new is worth a write.
    if (unchanged) return;
    await this.#db.transaction().execute((tx) => greetComputer(tx, greeting, this.#options.now()));
    this.#known.delete(greeting.clientId);
  }

  async register(clientId: string, address: string, details: ComputerDetails): Promise<void> {
    await this.#db
      .transaction()
      .execute((tx) => registerComputer(tx, { clientId, address }, details, this.#options.now()));
    this.#known.delete(clientId);
  }

  /** Forgets what is remembered, because another process changed the fleet. */
  forget(): void {
    this.#known.clear();
  }

  async #row(clientId: string): Promise<ComputerRow | undefined> {
    const known = this.#known.get(clientId);
    if (known !== undefined) return known;
    const row = await findComputer(this.#db, clientId);
    if (row === undefined) return undefined;
    if (this.#known.size >= STANDINGS_KEPT) this.#known.clear();
    this.#known.set(clientId, row);
    return row;
  }
}

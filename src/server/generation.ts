import { Catalog } from '../catalog/catalog.ts';
import { nextSnapshot } from '../catalog/snapshot.ts';
import type { ServerState } from '../fleet/server-state.ts';
import { readCatalogChange } from '../store/catalog-change.ts';
import { readFleetChange } from '../store/computers.ts';
import type { Store } from '../store/open-store.ts';
import { readServerState } from '../store/server-state.ts';
import type { SnapshotSource } from '../store/snapshot-source.ts';

export interface GenerationListener {
  /** A computer moved or went. */
  readonly onFleetChange: () => void;
  /** @param loadMs how long it took from noticing the change */
  readonly onCatalog: (catalog: Catalog, loadMs: number) => void;
}

/**
 * What this process serves now, and how it notices that another process changed the store: SQLite's
 * data_version moves with every foreign commit, which costs a few microseconds to ask.
 */
export class Generation {
  readonly #store: Store;
  readonly #snapshots: SnapshotSource;
  readonly #listener: GenerationListener;
  /** The data versions that were caught up with. */
  #stateVersion = -1;
  #catalogVersion = -1;
  #fleetChange = -1;
  catalog!: Catalog;
  server!: ServerState;

  private constructor(store: Store, snapshots: SnapshotSource, listener: GenerationListener) {
    this.#store = store;
    this.#snapshots = snapshots;
    this.#listener = listener;
  }

  static async load(
    store: Store,
    snapshots: SnapshotSource,
    listener: GenerationListener,
  ): Promise<Generation> {
    const generation = new Generation(store, snapshots, listener);
    await generation.refresh();
    return generation;
  }

  /** Catches up with the store. */
  async refresh(): Promise<void> {
    await this.refreshState();
    await this.refreshCatalog();
  }

  /** Catches up with the server's identity and with what became of computers. */
  async refreshState(): Promise<void> {
    const version = this.#dataVersion();
    if (version === this.#stateVersion) return;
    this.server = await readServerState(this.#store.db);
    const fleetChange = await readFleetChange(this.#store.db);
    if (fleetChange !== this.#fleetChange) {
      this.#fleetChange = fleetChange;
      this.#listener.onFleetChange();
    }
    this.#stateVersion = version;
  }

  /**
   * Catches up with the catalogue, which may take seconds; this thread goes on meanwhile. A new snapshot
   * replaces the old one in one step; requests under way keep theirs.
   */
  async refreshCatalog(): Promise<void> {
    const version = this.#dataVersion();
    if (version === this.#catalogVersion) return;
    if ((await readCatalogChange(this.#store.db)) !== this.catalog?.snapshot.change) {
      const startedMs = performance.now();
      const change = await this.#snapshots.read();
      if (change !== undefined) {
        this.catalog = new Catalog(nextSnapshot(this.catalog?.snapshot, change), this.catalog);
        this.#listener.onCatalog(this.catalog, performance.now() - startedMs);
      }
    }
    this.#catalogVersion = version;
  }

  #dataVersion(): number {
    return Number(this.#store.reader.prepare('PRAGMA data_version').get()?.data_version);
  }
}

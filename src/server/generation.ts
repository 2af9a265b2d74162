import { buildSnapshot } from '../catalog/build-snapshot.ts';
import { Catalog } from '../catalog/catalog.ts';
import type { ServerState } from '../fleet/server-state.ts';
import { readCatalogChange, readCatalogRows } from '../store/catalog-rows.ts';
import { readFleetChange } from '../store/computers.ts';
import type { Store } from '../store/open-store.ts';
import { readServerState } from '../store/server-state.ts';

export interface GenerationListener {
  /** A computer moved or went. */
  readonly onFleetChange: () => void;
  readonly onCatalog: (catalog: Catalog) => void;
}

/**
 * What this process serves now, and how it notices that another process changed the store: SQLite's
 * data_version moves with every foreign commit, which costs a few microseconds to ask.
 */
export class Generation {
  readonly #store: Store;
  readonly #listener: GenerationListener;
  #dataVersion = -1;
  #fleetChange = -1;
  catalog!: Catalog;
  server!: ServerState;

  private constructor(store: Store, listener: GenerationListener) {
    this.#store = store;
    this.#listener = listener;
  }

  static async load(store: Store, listener: GenerationListener): Promise<Generation> {
    const generation = new Generation(store, listener);
    await generation.refresh();
    return generation;
  }

  /** Catches up with the store. A new snapshot replaces the old one in one step; requests under way keep theirs. */
  async refresh(): Promise<void> {
    const { db, reader } = this.#store;
    const dataVersion = Number(reader.prepare('PRAGMA data_version').get()?.data_version);
    if (dataVersion === this.#dataVersion) return;
    this.server = await readServerState(db);
    const fleetChange = await readFleetChange(db);
    if (fleetChange !== this.#fleetChange) {
      this.#fleetChange = fleetChange;
      this.#listener.onFleetChange();
    }
    if ((await readCatalogChange(db)) !== this.catalog?.snapshot.change) {
      this.catalog = new Catalog(buildSnapshot(await readCatalogRows(db)));
      this.#listener.onCatalog(this.catalog);
    }
    this.#dataVersion = dataVersion;
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importDocuments, type ImportReport } from '../../src/import/importer.ts';
import type { SourceDocument } from '../../src/import/source-document.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import type { Database } from '../../src/store/schema.ts';

/** A folder of its own, gone at the end of the block. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'oakum-store-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const TEMP_STORE_MS = Date.UTC(2026, 9, 4, 12, 0, 0);

/** A real store in a folder of its own: `await using temp = await TempStore.open()`. */
export class TempStore implements AsyncDisposable {
  readonly #folder: TempFolder;
  #store: Store;
  /** What the clock says. */
  nowMs = TEMP_STORE_MS;
  readonly now = (): number => this.nowMs;

  private constructor(folder: TempFolder, store: Store) {
    this.#folder = folder;
    this.#store = store;
  }

  static async open(): Promise<TempStore> {
    const folder = new TempFolder();
    return new TempStore(folder, await openStore({ dataFolder: folder.path, now: () => TEMP_STORE_MS }));
  }

  get store(): Store {
    return this.#store;
  }

  get db(): Store['db'] {
    return this.#store.db;
  }

  get dataFolder(): string {
    return this.#folder.path;
  }

  /** Closes the store and opens it again, as a restart does. */
  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = await openStore({ dataFolder: this.dataFolder, now: this.now });
  }

  /** Imports documents under a name. */
  import(documents: readonly Uint8Array[], source = 'test'): Promise<ImportReport> {
    return importDocuments(this.db, sourcesOf(documents), { source, now: this.now });
  }

  async count(table: keyof Database): Promise<number> {
    const counted = this.db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count'));
    return (await counted.executeTakeFirstOrThrow()).count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
    this.#folder[Symbol.dispose]();
  }
}

/** Documents as an import takes them, named by their position. */
export async function* sourcesOf(documents: readonly Uint8Array[]): AsyncGenerator<SourceDocument> {
  for (const [index, bytes] of documents.entries())
    yield { name: `document ${index}`, bytes: Buffer.from(bytes), progress: (index + 1) / documents.length };
}

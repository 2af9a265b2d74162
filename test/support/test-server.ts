import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { importDocuments } from '../../src/import/importer.ts';
import { importFiles, readSourceDocuments, type SourceDocument } from '../../src/import/source-document.ts';
import type { ServerUrls } from '../../src/server/listeners.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { resolveSettings } from '../../src/server/resolve-settings.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';

/** A clock that stands still until it is moved. */
export class TestClock {
  ms = Date.UTC(2026, 9, 4, 15, 3, 36, 120);

  readonly now = (): number => this.ms;

  advance(milliseconds: number): void {
    this.ms += milliseconds;
  }
}

export interface LogLine {
  /** As pino numbers them: 30 info, 40 warn, 50 error. */
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly [key: string]: unknown;
}

export interface TestServerOptions {
  /** Settings that differ from their defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Update documents to begin with. */
  readonly documents?: readonly Uint8Array[];
  /** Files and folders of update documents to begin with. */
  readonly importPaths?: readonly string[];
  /** The first revision gets an id above this one, so that ids of other servers mean nothing here. */
  readonly revisionIdsAbove?: number;
  /** What its clock shows; a fixed time unless given. Who checks certificates does so by the real one. */
  readonly nowMs?: number;
}

/**
 * A real server in this process, on a free loopback port, with a data folder of its own. Its store is open
 * a second time, which is how another process would see and change it.
 */
export class TestServer implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly dataFolder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  readonly log: LogLine[] = [];
  #store: Store | undefined;
  #running: RunningServer | undefined;

  private constructor() {}

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer();
    const { clock, dataFolder } = server;
    clock.ms = options.nowMs ?? clock.ms;
    server.#store = await openStore({ dataFolder, now: clock.now });
    const { documents = [], importPaths = [], revisionIdsAbove } = options;
    if (revisionIdsAbove !== undefined) {
      await server.store.db
        .insertInto('sqlite_sequence' as never)
        .values({ name: 'revision', seq: revisionIdsAbove })
        .execute();
    }
    await server.import(documents);
    await server.#import(readSourceDocuments(importFiles(importPaths)));
    await server.resume(options.settings);
    return server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Where it serves: each listener it has. */
  get urls(): ServerUrls {
    return this.#server.urls;
  }

  get #server(): RunningServer {
    if (this.#running === undefined) throw new Error('the server is not running');
    return this.#running;
  }

  /** Lets it look at its certificate files. */
  checkCertificates(): Promise<void> {
    return this.#server.checkCertificates();
  }

  /** Where /metrics is, if the settings ask for it. */
  get monitorUrl(): string {
    const url = this.#running?.monitorUrl;
    if (url === undefined) throw new Error('the server is not monitored');
    return url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is closed');
    return this.#store;
  }

  import(documents: readonly Uint8Array[]): Promise<void> {
    async function* sources(): AsyncGenerator<SourceDocument> {
      for (const [index, bytes] of documents.entries())
        yield { name: `document ${index}`, bytes: Buffer.from(bytes), progress: 1 };
    }
    return this.#import(sources());
  }

  async #import(documents: AsyncIterable<SourceDocument>): Promise<void> {
    const options = { source: 'test', now: this.clock.now };
    const { rejected } = await importDocuments(this.store.db, documents, options);
    if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  }

  /** What was logged since this was asked last, from warnings on. */
  takeWarnings(): LogLine[] {
    return this.log.splice(0).filter((line) => line.level >= 40);
  }

  /** Stops listening; the data stay. */
  async pause(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  /** Starts on the same data, possibly with other settings. */
  async resume(settings: TestServerOptions['settings'] = {}): Promise<void> {
    const given = Object.entries({ listen: '127.0.0.1:0', ...settings });
    this.#running = await startServer({
      dataFolder: this.dataFolder,
      settings: resolveSettings(given.map(([key, value]) => ({ key, value, source: 'flag' }))).settings,
      log: pino({ level: 'debug', base: null }, { write: (line) => this.log.push(JSON.parse(line)) }),
      now: this.clock.now,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause();
    await this.#store?.close();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}

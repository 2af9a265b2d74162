import type { IncomingMessage } from 'node:http';
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { eventChannel } from '../../errors/event-channels.ts';
import type { OakumError } from '../../errors/oakum-error.ts';
import type { ServiceDeclaration } from '../../soap/service.ts';
import type { RequestHandler } from '../http-listener.ts';
import { requestId } from '../request-id.ts';
import { EventCounts } from './event-counts.ts';
import type { CacheFill, ServedCatalogue } from './process-collectors.ts';
import { RequestCounts } from './request-counts.ts';
import { ScanCounts } from './scan-counts.ts';

const REFUSAL = eventChannel('oakum.refusal');
const LOADED = eventChannel('oakum.generation.loaded');

/** The service that files of updates are counted under, by method. */
const CONTENT = 'Content';

/** What a process that serves counts, from the start on: it costs less than asking whether somebody wants to know. */
export class ServerFigures {
  readonly scans = new ScanCounts();
  readonly events = new EventCounts();
  readonly requests: RequestCounts;
  readonly #now: () => number;
  readonly #caches: (() => CacheFill)[] = [];
  #catalogue: ServedCatalogue = { change: 0, revisions: 0, loadedMs: 0, loadMs: 0 };

  constructor(services: readonly ServiceDeclaration[], now: () => number) {
    this.#now = now;
    this.requests = new RequestCounts([
      ...services.map(({ name, operations }) => ({ name, operations: Object.keys(operations) })),
      { name: CONTENT, operations: ['GET', 'HEAD'] },
    ]);
  }

  get catalogue(): ServedCatalogue {
    return this.#catalogue;
  }

  /** Notes the catalogue that is served from now on. */
  catalogueLoaded({ change, revisionIds }: CatalogSnapshot, loadMs: number): void {
    const revisions = revisionIds.length;
    this.#catalogue = { change, revisions, loadedMs: this.#now(), loadMs };
    if (LOADED.hasSubscribers) LOADED.publish({ change, revisions, loadMs });
  }

  /** Lets a cache be looked into whenever figures are wanted. Those of one name are one. */
  addCache(cache: string, limitBytes: number, bytes: () => number): void {
    this.#caches.push(() => ({ cache, limitBytes, bytes: bytes() }));
  }

  caches(): readonly CacheFill[] {
    const fills = new Map<string, CacheFill>();
    for (const look of this.#caches) {
      const { cache, bytes, limitBytes } = look();
      const known = fills.get(cache);
      fills.set(cache, {
        cache,
        bytes: bytes + (known?.bytes ?? 0),
        limitBytes: limitBytes + (known?.limitBytes ?? 0),
      });
    }
    return [...fills.values()];
  }

  /**
   * Counts what was answered with an error of HTTP.
   *
   * @param service that the path leads to, if it leads to one
   */
  refused(error: OakumError, request: IncomingMessage, service: string | undefined): void {
    const { code } = error;
    this.requests.refused(code);
    if (service !== undefined) this.requests.counted(this.requests.rowsOf(service)(undefined), 'refused');
    if (!REFUSAL.hasSubscribers) return;
    const { status } = error.definition;
    const address = request.socket.remoteAddress;
    REFUSAL.publish({ request: requestId(request), code, status, address });
  }

  /** Counts answers with files. How long they take is the client's doing, so that is not measured. */
  countContent(handler: RequestHandler): RequestHandler {
    const { requests } = this;
    const rowOf = requests.rowsOf(CONTENT);
    return async (request, response) => {
      const { socket } = request;
      const before = socket.bytesWritten;
      await handler(request, response);
      const outcome = response.statusCode < 400 ? 'ok' : 'refused';
      requests.counted(rowOf(request.method), outcome, socket.bytesWritten - before);
    };
  }
}

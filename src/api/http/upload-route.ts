import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { storeUpload } from '../uploads.ts';
import type { House } from '../house.ts';
import { jsonLine } from '../json-text.ts';
import { PLAIN } from '../plain-routes.ts';
import type { Authenticate } from './authenticator.ts';
import { addPlainRoute } from './plain-route.ts';

/** Whoever reads the answer stops sending. */
const SKIP_WITHIN_MS = 10_000;

/** Takes files, as long as they may be: they go to the disk as they come. */
export function addUploads(
  app: FastifyInstance,
  {
    house,
    maxUploadBytes,
    minFreeBytes = 0,
  }: { readonly house: House; readonly maxUploadBytes: number; readonly minFreeBytes?: number },
  authenticate: Authenticate,
): void {
  void app.register(async (inner) => {
    inner.addContentTypeParser(
      'application/octet-stream',
      async (_request: unknown, payload: unknown) => payload,
    );
    addPlainRoute(
      inner,
      PLAIN.upload,
      authenticate,
      async ({ input, request, reply }) => {
        const stored = await storeUpload(house.dataFolder, {
          name: input['name'] ?? 'upload',
          stream: request.body as Readable,
          maxBytes: maxUploadBytes,
          minFreeBytes,
        }).catch((error: unknown) => {
          skipRest(request.raw);
          throw error;
        });
        return reply.code(201).type('application/json; charset=utf-8').send(jsonLine(stored));
      },
      { bodyLimit: maxUploadBytes },
    );
  });
}

/**
 * Takes what is still sent of a file that was refused. A connection that is closed at once takes the answer with it,
 * and one that nobody reads from stays until the request times out.
 */
function skipRest(request: IncomingMessage): void {
  const impatient = setTimeout(() => request.destroy(), SKIP_WITHIN_MS);
  request.once('close', () => clearTimeout(impatient));
  request.resume();
}

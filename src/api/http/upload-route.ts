import type { FastifyInstance } from 'fastify';
import { storeUpload } from '../uploads.ts';
import type { House } from '../house.ts';
import { jsonLine } from '../json-text.ts';
import { PLAIN } from '../plain-routes.ts';
import type { Authenticate } from './authenticator.ts';
import { addPlainRoute } from './plain-route.ts';
import type { Readable } from 'node:stream';

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
          // Nobody reads what is left of the file: whoever goes on sending would wait until the request times out.
          reply.header('Connection', 'close');
          throw error;
        });
        return reply.code(201).type('application/json; charset=utf-8').send(jsonLine(stored));
      },
      { bodyLimit: maxUploadBytes },
    );
  });
}

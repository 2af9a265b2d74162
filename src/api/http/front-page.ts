import type { FastifyInstance } from 'fastify';
import { API_ROOT } from './route-address.ts';
import { sendPage } from './html-page.ts';

/** What somebody sees who opens the address of the administration in a browser. */
export function addFrontPage(app: FastifyInstance): void {
  app.get('/', async (_request, reply) =>
    sendPage(
      reply,
      '<h1>Oakum</h1><p>The administration of this update server works.</p>' +
        `<p>Programs find it at <code>${API_ROOT}</code>, described by <a href="${API_ROOT}/openapi.json">openapi.json</a>; ` +
        '<code>oakum --server</code> with this address and a token does all of it. Computers are served at other ports.</p>' +
        '<p>The first administrator signs in with the link that the server printed when it started; ' +
        '<code>oakum users link</code> makes another one.</p>',
    ),
  );
}

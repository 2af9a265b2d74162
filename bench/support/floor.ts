/**
 * The floor: a bare node:http server that reads the same request and sends the same answer, and does
 * nothing else. What the runtime itself costs.
 *
 * Usage: node floor.ts FOLDER; FOLDER holds the answers 0.body, 1.body... and 0.json... with their headers.
 * A request for /N gets answer N.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const answers = readdirSync(folder)
  .filter((name) => name.endsWith('.body'))
  .map((name) => Number(name.slice(0, -5)))
  .sort((one, other) => one - other)
  .map((index) => ({
    body: readFileSync(join(folder, `${index}.body`)),
    headers: JSON.parse(readFileSync(join(folder, `${index}.json`), 'utf8')) as string[],
  }));

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer = answers[Number(request.url?.slice(1))];
    Buffer.concat(chunks);
    response.writeHead(200, answer.headers);
    response.end(answer.body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit(0));

import cluster from 'node:cluster';
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { inertJson } from '../errors/inert-text.ts';

export type { Logger } from 'pino';

/**
 * JSON lines on standard error: standard output belongs to what a command says. What computers say stands in them,
 * and drives no terminal that shows them.
 */
export function createLogger(level: string, to: DestinationStream = standardError()): Logger {
  // Of several processes that write to one stream each says which one it is.
  const base = cluster.isWorker ? { pid: process.pid } : null;
  return pino(
    { level, base, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    { write: (line) => to.write(inertJson(line)) },
  );
}

function standardError(): DestinationStream {
  return destination({ fd: 2, sync: true });
}

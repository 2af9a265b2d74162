import cluster from 'node:cluster';
import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard error: standard output belongs to what a command says. */
export function createLogger(level: string): Logger {
  // Of several processes that write to one stream each says which one it is.
  const base = cluster.isWorker ? { pid: process.pid } : null;
  return pino(
    { level, base, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination({ fd: 2, sync: true }),
  );
}

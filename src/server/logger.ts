import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard error: standard output belongs to what a command says. */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination({ fd: 2, sync: true }),
  );
}

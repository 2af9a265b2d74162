import type { Command } from 'commander';
import { networkInterfaces } from 'node:os';
import { loadSettings } from '../server/load-settings.ts';
import { createLogger } from '../server/logger.ts';
import { startServer, type RunningServer, type ServerOptions } from '../server/server.ts';
import { isWorker, letGo, reportReady, startWorkers, workerCount } from '../server/worker-pool.ts';
import { command, dataFolder, type CommonOptions } from './common.ts';

interface ServeOptions extends CommonOptions {
  readonly listen?: string;
  readonly set: readonly string[];
}

export function serveCommand(): Command {
  return command('serve', 'Run the server')
    .option('--listen <host:port>', 'address and port for clients (setting listen)')
    .option(
      '--set <key=value>',
      'a setting, see "oakum config show"',
      (one, all: string[]) => [...all, one],
      [],
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const flags = [...options.set, ...(options.listen === undefined ? [] : [`listen=${options.listen}`])];
  const { settings } = loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags,
  });
  const log = createLogger(settings['log.level']);
  const start = { dataFolder: dataFolder(options), settings, log, now: Date.now };
  const workers = workerCount(settings.workers);
  const server = workers > 1 && !isWorker() ? await startWorkers(workers, log) : await startOne(start);
  const stop = (): void => {
    void server.close().then(() => process.exit(0));
  };
  // Before it says that it is ready: whoever waits for that may stop it at once.
  process.once('SIGTERM', stop);
  if (isWorker()) {
    // The terminal sends this to every process of a group; the first one tells the others when it is time.
    process.on('SIGINT', () => undefined);
    reportReady(server.url);
    return;
  }
  process.once('SIGINT', stop);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ready: server.url })}\n`);
  else process.stdout.write(`${banner(server.url)}\nready ${server.url}\n`);
}

async function startOne(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    letGo();
    throw error;
  }
}

// OAKUM_DATA belongs to every command and is no setting.
export function settingsEnvironment(): Record<string, string | undefined> {
  const { OAKUM_DATA: _, ...environment } = process.env;
  return environment;
}

/** What an administrator types into Group Policy. */
function banner(url: string): string {
  const { port } = new URL(url);
  const addresses =
    url.includes('0.0.0.0') || url.includes('[::]')
      ? ownAddresses().map((one) => `http://${one}:${port}`)
      : [url];
  return [
    'Oakum serves Windows Update Agents at',
    ...addresses.map((address) => `  ${address}`),
    '',
    'Group Policy: Computer Configuration > Administrative Templates > Windows Components > Windows Update >',
    '"Specify intranet Microsoft update service location". Enter the same address for both',
    `  intranet update service       ${addresses[0]}`,
    `  intranet statistics server    ${addresses[0]}`,
    '',
  ].join('\n');
}

function ownAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const external = addresses
    .filter((one) => one.family === 'IPv4' && !one.internal)
    .map((one) => one.address);
  return external.length > 0 ? external : ['127.0.0.1'];
}

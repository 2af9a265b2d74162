import type { Command } from 'commander';
import { networkInterfaces } from 'node:os';
import { loadSettings } from '../server/load-settings.ts';
import { createLogger } from '../server/logger.ts';
import { startServer } from '../server/server.ts';
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
  const server = await startServer({
    dataFolder: dataFolder(options),
    settings,
    log: createLogger(settings['log.level']),
    now: Date.now,
  });
  const stop = (): void => {
    void server.close().then(() => process.exit(0));
  };
  // Before it says that it is ready: whoever waits for that may stop it at once.
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ready: server.url })}\n`);
  else process.stdout.write(`${banner(server.url)}\nready ${server.url}\n`);
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

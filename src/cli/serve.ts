import type { Command } from 'commander';
import { oakumVersion } from '../admin/backup/oakum-version.ts';
import { networkInterfaces } from 'node:os';
import { startAdminServer, type AdminServer, type AdminServerOptions } from '../server/admin-server.ts';
import { loadSettings } from '../server/load-settings.ts';
import { createLogger } from '../server/logger.ts';
import type { ServerUrls } from '../server/listeners.ts';
import { openMonitorListener } from '../server/monitor-listener.ts';
import { workersMonitor } from '../server/monitor.ts';
import { policySteps } from '../server/tls/policy-steps.ts';
import { TlsSource } from '../server/tls/tls-source.ts';
import { startServer, type RunningServer, type ServerOptions } from '../server/server.ts';
import {
  isWorker,
  letGo,
  reportReady,
  startWorkers,
  workerCount,
  type WorkerPool,
} from '../server/worker-pool.ts';
import { command, dataFolder, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { stepsFor } from './tls.ts';

interface ServeOptions extends CommonOptions {
  readonly listen?: string;
  readonly tlsListen?: string;
  readonly adminListen?: string;
  readonly set: readonly string[];
}

export function serveCommand(): Command {
  return command('serve', 'Run the server')
    .option('--listen <host:port>', 'address and port for clients over plain HTTP (setting listen)')
    .option('--tls-listen <host:port>', 'address and port for clients over TLS (setting tls.listen)')
    .option('--admin-listen <host:port>', 'address and port for administration (setting admin.listen)')
    .option(
      '--set <key=value>',
      'a setting, see "oakum config show"',
      (one, all: string[]) => [...all, one],
      [],
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const flags = [
    ...options.set,
    ...flag('listen', options.listen),
    ...flag('tls.listen', options.tlsListen),
    ...flag('admin.listen', options.adminListen),
  ];
  const { settings, sources, warnings } = loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags,
  });
  const log = createLogger(settings['log.level']);
  if (!isWorker()) for (const warning of warnings) log.warn(warning);
  const start = { dataFolder: dataFolder(options), settings, log, now: Date.now };
  const workers = workerCount(settings.workers);
  let server: RunningServer | WorkerPool | undefined = undefined;
  let admin: AdminServer | undefined = undefined;
  // At a terminal it means that the terminal is gone, and nobody would stop the server then.
  if (isWorker() || !process.stdout.isTTY) {
    process.on('SIGHUP', () => {
      void server?.checkCertificates();
      admin?.checkCertificates();
    });
  }
  const running = workers > 1 && !isWorker() ? await startMonitored(workers, start) : await startOne(start);
  server = running;
  admin = isWorker()
    ? undefined
    : await startAdministration(running, {
        ...start,
        sources,
        isUsualAddress: sources['admin.listen'] === 'default',
      });
  const stop = (): void => {
    void Promise.all([admin?.close(), running.close()]).then(() => {
      if (!isWorker()) log.info('oakum has stopped');
      process.exit(0);
    });
  };
  // Before it says that it is ready: whoever waits for that may stop it at once.
  process.once('SIGTERM', stop);
  if (isWorker()) {
    // The terminal sends this to every process of a group; the first one tells the others when it is time.
    process.on('SIGINT', () => undefined);
    reportReady(running);
    return;
  }
  process.once('SIGINT', stop);
  const { url, urls } = running;
  // Without the link for the first administrator, which is nobody's who reads logs.
  log.info({ version: oakumVersion(), ...urls, administration: admin?.url }, 'oakum has started');
  if (options.json === true) {
    const { clients: _, ...others } = urls;
    const administration =
      admin === undefined
        ? {}
        : { admin: admin.url, ...(admin.setupUrl === undefined ? {} : { setup: admin.setupUrl }) };
    process.stdout.write(`${JSON.stringify({ ready: url, ...others, ...administration })}\n`);
  } else process.stdout.write(`${banner(start, urls)}\n${doorway(admin)}ready ${url}\n`);
}

/** Clients are not served by a server that nobody can administer although somebody wanted to. */
async function startAdministration(
  running: RunningServer | WorkerPool,
  options: AdminServerOptions,
): Promise<AdminServer | undefined> {
  try {
    return await startAdminServer(options);
  } catch (error) {
    await running.close();
    throw error;
  }
}

/** Where the administration is, and how the first administrator gets in. */
function doorway(admin: AdminServer | undefined): string {
  if (admin === undefined) return '';
  const setup =
    admin.setupUrl === undefined
      ? []
      : ['Nobody can sign in yet. This link makes the first administrator, once:', `  ${admin.setupUrl}`];
  return ['Administration', `  ${admin.url}`, ...setup, '', ''].join('\n');
}

function flag(key: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${key}=${value}`];
}

/** Several processes, and this one to tell how they stand together. */
async function startMonitored(workers: number, options: ServerOptions): Promise<WorkerPool> {
  const pool = await startWorkers(workers, options.log);
  const { settings, log } = options;
  const secure = settings['metrics.listen'] !== '' && settings['metrics.tls'];
  try {
    const tls = secure ? await TlsSource.open(options) : undefined;
    const monitoring = await openMonitorListener({ settings, log, tls, monitor: workersMonitor });
    return {
      ...pool,
      checkCertificates: async () => {
        await Promise.all([pool.checkCertificates(), tls?.check()]);
      },
      close: async () => {
        await Promise.all([monitoring?.close(), pool.close()]);
        await tls?.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

async function startOne(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    letGo();
    throw error;
  }
}

/** Where clients find the server, and what an administrator types into Group Policy. */
function banner({ dataFolder: folder, settings }: ServerOptions, urls: ServerUrls): string {
  const { clients, clientsTls, content } = urls;
  const plain = clients === undefined ? [] : reachable(clients);
  const lines = ['Oakum serves Windows Update Agents at'];
  const steps =
    clientsTls === undefined
      ? policySteps({ url: plain[0] })
      : stepsFor(folder, settings, Number(new URL(clientsTls).port));
  for (const address of clientsTls === undefined ? plain : [...reachable(clientsTls), ...plain])
    lines.push(`  ${address}`);
  if (content !== undefined) lines.push('and their files at', ...reachable(content).map((one) => `  ${one}`));
  return [...lines, '', steps, ''].join('\n');
}

/** Addresses that others can use for one that means all of this computer's. */
function reachable(url: string): string[] {
  const { protocol, hostname, port } = new URL(url);
  if (hostname !== '0.0.0.0' && hostname !== '[::]') return [url];
  return ownAddresses().map((one) => `${protocol}//${one}:${port}`);
}

function ownAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const external = addresses
    .filter((one) => one.family === 'IPv4' && !one.internal)
    .map((one) => one.address);
  return external.length > 0 ? external : ['127.0.0.1'];
}

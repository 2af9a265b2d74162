import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { OakumProcess } from '../support/oakum-process.ts';
import { TestComputer } from '../support/test-computer.ts';

/**
 * The server as an ordinary user to whom everything is read-only but its data folder. Where the system lets a
 * test make a mount namespace (root, or anybody with user namespaces), the kernel holds that; elsewhere what is
 * looked at is what the user wrote.
 */

/** Nobody's: whatever belongs to it afterwards, the server wrote. */
const USER = 58_530;
const isRoot = process.getuid?.() === 0;
const isWindows = process.platform === 'win32';

/** In a namespace of its own: the data folder as it is, and everything else read-only. */
const CONFINE = [
  'set -e',
  'mount --bind "$0" "$0"',
  'for folder in /tmp /var/tmp /dev/shm /run /home; do',
  '  if mountpoint -q "$folder"; then mount -o remount,bind,ro "$folder"; fi',
  'done',
  'mount -o remount,bind,ro /',
  'exec "$@"',
].join('\n');

const BECOME = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--no-new-privs'];

function confinement(dataFolder: string): readonly string[] {
  return isRoot
    ? ['unshare', '--mount', '--propagation=private', 'sh', '-c', CONFINE, dataFolder, ...BECOME]
    : ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', CONFINE, dataFolder];
}

/** A data folder that belongs to the user the server runs as. */
function ownFolder(t: TestContext): string {
  const folder = mkdtempSync('/var/tmp/oakum-unprivileged-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  if (isRoot) chownSync(folder, USER, USER);
  return folder;
}

const succeeds = (command: readonly string[]): boolean =>
  spawnSync(command[0], command.slice(1), { stdio: 'ignore' }).status === 0;

/** Where anybody may write: an ordinary user can have left something nowhere else. */
function filesOfUser(except: string): string[] {
  const below = (folder: string): string[] => {
    try {
      return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (path === except) return [];
        const own = lstatSync(path, { throwIfNoEntry: false })?.uid === USER ? [path] : [];
        return entry.isDirectory() ? [...own, ...below(path)] : own;
      });
    } catch {
      return [];
    }
  };
  return ['/tmp', '/var/tmp', '/dev/shm', '/run'].flatMap(below);
}

test('the server needs no rights and writes into its data folder only', { skip: isWindows }, async (t) => {
  const dataFolder = ownFolder(t);
  const confined = confinement(dataFolder);
  const isConfined = succeeds([...confined, 'true']);
  if (!isConfined) t.diagnostic('no mount namespaces here: only what the user wrote is looked at');
  else assert.ok(!succeeds([...confined, 'touch', '/var/tmp/oakum-not-writable']), 'everything is writable');
  const wrapper = [
    ...(isConfined ? confined : isRoot ? BECOME : []),
    // No home, no place for temporary files, and not started in its own folder.
    ...['env', '--chdir=/', '--unset=HOME', 'TMPDIR=/nonexistent'],
  ];
  if (!succeeds([...wrapper, 'test', '-r', new URL('../../package.json', import.meta.url).pathname])) {
    t.skip('an ordinary user cannot read this checkout');
    return;
  }
  const run = (...args: readonly string[]): OakumProcess =>
    new OakumProcess(t, [...args, '--data', dataFolder], {}, wrapper);
  const succeeded = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await run(...args).exited();
    assert.equal(code, 0, stderr);
  };

  await succeeded('sample');
  await succeeded('approve', 'Sample Fonts');
  const server = run(
    ...['serve', '--listen', '127.0.0.1:0', '--set', 'workers=2', '--set', 'metrics.listen=127.0.0.1:0'],
  );
  const url = await server.ready();
  using computer = await TestComputer.registered({ url, clock: { now: Date.now } });
  assert.ok((await computer.scan()).flat().length > 0);
  await succeeded('backup', join(dataFolder, 'backups'), '--content');
  server.signal('SIGTERM');
  const { code, stderr } = await server.exited();
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /EROFS|EACCES|EPERM|readonly/);
  if (isRoot) assert.deepEqual(filesOfUser(dataFolder), []);
});

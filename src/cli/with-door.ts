import type { Principal } from '../admin/identity/roles.ts';
import type { Door } from '../api/door.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { isLoopback } from '../server/is-loopback.ts';
import { authoritiesIn } from './authorities.ts';
import { localCaller } from './caller.ts';
import { dataFolder, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';

interface DoorOptions {
  /** Settings for this time only, as `key=value`: they are no matter of a server that runs. */
  readonly settings?: readonly string[];
  /** Refuses a data folder without a store, for what can do nothing with an empty one; true unless given. */
  readonly mustExist?: boolean;
}

/**
 * Runs a task at the door of the server that the options name, or of the data folder when they name none, and
 * closes it whatever happens.
 *
 * @throws OakumError OAK_STORE_MISSING, OAK_REMOTE_TOKEN, OAK_LOCAL_ONLY, and those of the operations
 */
export async function withDoor<T>(
  options: CommonOptions,
  task: (door: Door) => Promise<T>,
  { mustExist = true, settings = [] }: DoorOptions = {},
): Promise<T> {
  if (options.server !== undefined && settings.length > 0)
    throw new OakumError('OAK_LOCAL_ONLY', { detail: 'Settings that are given here are for this machine.' });
  const door =
    options.server === undefined
      ? await localDoor(options, { mustExist, settings })
      : await remoteDoor(options, options.server);
  try {
    return await task(door);
  } finally {
    await door.close();
  }
}

/** Whoever may read and write the data folder may do everything. */
function localPrincipal(): Principal {
  return { ...localCaller(), role: 'administrator', kind: 'local' };
}

async function localDoor(
  options: CommonOptions,
  { mustExist, settings: flags }: Required<DoorOptions>,
): Promise<Door> {
  // Read only when they are needed: a command on a server needs no store, and the other way round.
  const [{ openLocalDoor }, { openHouse }, { loadSettings }, { openStore }] = await Promise.all([
    import('../api/local-door.ts'),
    import('../server/house.ts'),
    import('../server/load-settings.ts'),
    import('../store/open-store.ts'),
  ]);
  const folder = dataFolder(options);
  const store = await openStore({ dataFolder: folder, now: Date.now, mustExist });
  const house = openHouse({
    dataFolder: folder,
    store,
    settings: () => loadSettings({ dataFolder: folder, environment: settingsEnvironment(), flags }),
  });
  return openLocalDoor({
    db: store.db,
    house,
    principal: localPrincipal(),
    now: Date.now,
    close: () => store.close(),
  });
}

async function remoteDoor({ token, ca }: CommonOptions, url: string): Promise<Door> {
  if (token === undefined) throw new OakumError('OAK_REMOTE_TOKEN');
  if (/^http:/i.test(url) && URL.canParse(url) && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, '')))
    process.stderr.write('oakum: warning: the token travels without TLS, and whoever sees it can use it\n');
  const { openRemoteDoor } = await import('../api/remote-door.ts');
  return openRemoteDoor({ url, token, ...authoritiesIn(ca) });
}

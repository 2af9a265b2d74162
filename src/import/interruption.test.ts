import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempFolder } from '../../test/support/temp-store.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { readCatalogChange } from '../store/catalog-change.ts';
import { readCatalogRows } from '../../test/support/stored-rows.ts';
import { openStore, type Store } from '../store/open-store.ts';

const DOCUMENTS = 1_500;
const PROGRAM = fileURLToPath(new URL('../../bin/oakum.js', import.meta.url));

const idOf = (index: number): UpdateId =>
  `50000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

/** A folder of small documents; each needs the one before it. */
function generate(folder: string): void {
  mkdirSync(folder);
  for (let index = 0; index < DOCUMENTS; index++) {
    const prerequisites = index === 0 ? [] : [idOf(index - 1)];
    const document = updateDocument({ id: idOf(index), type: 'Detectoid', prerequisites });
    writeFileSync(join(folder, `${String(index).padStart(4, '0')}.xml`), document);
  }
}

interface Ending {
  readonly killed: boolean;
  readonly output: string;
}

/** Runs the import and kills it when the data folder has changed so many times. */
async function runImport(documents: string, data: string, killAtChange = Infinity): Promise<Ending> {
  const child = spawn(process.execPath, [PROGRAM, 'import', documents, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let changes = 0;
  const watcher = watch(data, () => {
    if (++changes === killAtChange) child.kill('SIGKILL');
  });
  const output: string[] = [];
  child.stdout.on('data', (piece) => output.push(String(piece)));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  watcher.close();
  assert.ok(code === 0 || signal === 'SIGKILL', `it ended with ${code ?? signal}`);
  return { killed: signal === 'SIGKILL', output: output.join('') };
}

async function inspect<T>(dataFolder: string, look: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ dataFolder, now: Date.now });
  try {
    assert.deepEqual(
      store.reader
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => row.integrity_check),
      ['ok'],
    );
    assert.deepEqual(store.reader.prepare('PRAGMA foreign_key_check').all(), []);
    return await look(store);
  } finally {
    await store.close();
  }
}

async function count(store: Store, table: 'revision' | 'document' | 'fragment'): Promise<number> {
  const counted = store.db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count'));
  return (await counted.executeTakeFirstOrThrow()).count;
}

/** All of it is there, once, and visible. */
async function assertComplete(store: Store): Promise<void> {
  const { revisions, updates, change } = await readCatalogRows(store.db);
  const numbers = new Map(Array.from(updates, (update) => [update.updateId, update.number]));
  assert.equal(numbers.size, DOCUMENTS);
  const all = [...revisions];
  assert.deepEqual(
    all.map((revision) => revision.update).sort((a, b) => a - b),
    Array.from({ length: DOCUMENTS }, (_, index) => numbers.get(idOf(index)) ?? 0).sort((a, b) => a - b),
  );
  assert.ok(all.every((revision) => revision.change === change));
  assert.equal(await count(store, 'document'), DOCUMENTS);
  assert.equal(await count(store, 'fragment'), DOCUMENTS * 3);
}

describe('an import that is killed', () => {
  it('leaves a sound store and nothing to see, and is completed by doing it again', async (t) => {
    using folder = new TempFolder();
    const [documents, data] = [join(folder.path, 'documents'), join(folder.path, 'data')];
    generate(documents);
    mkdirSync(data);
    // From the creation of the tables to the last batch; every run finds what those before it stored.
    const moments = [
      [1, 10],
      [40, 120],
      [100, 250],
      [150, 400],
    ].map(([first, last]) => first + Math.floor(Math.random() * (last - first)));
    const staged: number[] = [];
    let killed = 0;
    for (const killAtChange of moments) {
      const ending = await runImport(documents, data, killAtChange);
      await inspect(data, async (store) => {
        if (!ending.killed) return assertComplete(store);
        killed++;
        const { revisions, change } = await readCatalogRows(store.db);
        const visible = [...revisions].length;
        // Killed after it was published, before it could say so: then all of it.
        if (visible > 0) return assertComplete(store);
        assert.equal(change, 1);
        staged.push(await count(store, 'revision'));
      });
    }
    t.diagnostic(`killed at changes ${moments.join(', ')}; staged then ${staged.join(', ')}`);
    // A run that has little left to do may be faster than the news of it.
    assert.ok(killed >= 1);
    assert.deepEqual(
      staged,
      staged.toSorted((a, b) => a - b),
    );

    const { output } = await runImport(documents, data);
    assert.match(output, /^1500 documents read: .* 0 rejected\n$/);
    await inspect(data, async (store) => {
      await assertComplete(store);
      assert.equal(await readCatalogChange(store.db), 2);
      const imports = await store.db.selectFrom('import').select('finished_ms').execute();
      assert.ok(imports.every((one) => one.finished_ms !== null));
    });
  });
});

describe('imports by several processes at once', () => {
  it('all complete, in one new store', async () => {
    using folder = new TempFolder();
    const data = join(folder.path, 'data');
    mkdirSync(data);
    const parts = ['a', 'b', 'c'].map((part, index) => {
      const documents = join(folder.path, part);
      mkdirSync(documents);
      for (let number = 0; number < 120; number++) {
        // The parts overlap by half.
        const id = idOf(index * 60 + number);
        writeFileSync(join(documents, `${number}.xml`), updateDocument({ id, type: 'Detectoid' }));
      }
      return documents;
    });
    const endings = await Promise.all(parts.map((documents) => runImport(documents, data)));
    const imported = endings.map(({ output }) => Number(/(\d+) imported/.exec(output)?.[1]));
    assert.equal(
      imported.reduce((sum, one) => sum + one, 0),
      240,
    );
    await inspect(data, async (store) => {
      assert.equal([...(await readCatalogRows(store.db)).revisions].length, 240);
      assert.equal(await count(store, 'revision'), 240);
    });
  });
});

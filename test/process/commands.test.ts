import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { importDocuments } from '../../src/import/importer.ts';
import { openStore } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { MEMBER_FILES, SAMPLE, sampleDocuments, updateDocument } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';

/** Administration as processes: what they print, and how they end. */

const run = (t: TestContext, ...args: string[]): Promise<ExitedProcess> => new OakumProcess(t, args).exited();

async function dataFolder(
  t: TestContext,
  documents: readonly Uint8Array[] = sampleDocuments(),
): Promise<string> {
  const folder = temporaryFolder(t);
  const store = await openStore({ dataFolder: folder, now: Date.now });
  await importDocuments(store.db, sourcesOf(documents), { source: 'test', now: Date.now });
  await store.close();
  return folder;
}

function refused({ code, stdout, stderr }: ExitedProcess, sentence: RegExp): void {
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^oakum: [^\n]*\n$/);
  assert.match(stderr, sentence);
}

test('"content add" stores what it can and reports what it could not read', async (t) => {
  const data = await dataFolder(t);
  const files = temporaryFolder(t);
  const circle = join(files, 'circle');
  symlinkSync(circle, circle);
  writeFileSync(join(files, 'payload'), MEMBER_FILES[0].content);
  writeFileSync(join(files, 'stranger'), 'no update names it');
  const { code, stdout, stderr } = await run(t, 'content', 'add', circle, files, '--data', data, '--json');
  assert.deepEqual([code, stderr], [1, '']);
  const { added, rejected } = JSON.parse(stdout) as Record<'added' | 'rejected', Record<string, unknown>[]>;
  assert.deepEqual(
    [added.map((one) => one.name), rejected.map((one) => one.code)],
    [[MEMBER_FILES[0].name], ['OAK_FILE_UNREADABLE', 'OAK_CONTENT_UNNAMED']],
  );
});

describe('"keys rotate" says in one sentence why it cannot write', { concurrency: true }, () => {
  test('the folder', async (t) => {
    const file = join(temporaryFolder(t), 'file');
    writeFileSync(file, '');
    refused(await run(t, 'keys', 'rotate', '--data', file), /EEXIST.*\(OAK_FILE_UNWRITABLE\)$/m);
  });

  test('the file', async (t) => {
    const data = temporaryFolder(t);
    mkdirSync(join(data, 'keys.json.new'));
    refused(await run(t, 'keys', 'rotate', '--data', data), /EISDIR.*\(OAK_FILE_UNWRITABLE\)$/m);
  });
});

describe('"approve"', { concurrency: true }, () => {
  test('repeats the deadline in UTC', async (t) => {
    const data = await dataFolder(t);
    const args = ['approve', SAMPLE.bundle, '--accept-licence', '--deadline', '2999-01-01T00:30+01:00'];
    args.push('--data', data);
    const said = await run(t, ...args);
    assert.equal(
      said.stdout,
      `install for All Computers by 2998-12-31 23:30Z: A bundle (${SAMPLE.bundle})\n`,
    );
    const [update] = JSON.parse((await run(t, ...args, '--json')).stdout) as Record<string, unknown>[];
    assert.equal(update.deadlineMs, Date.UTC(2998, 11, 31, 23, 30));
  });

  test('accepts a deadline in the past and says what follows', async (t) => {
    const data = await dataFolder(t);
    const { code, stdout } = await run(
      t,
      ...['approve', SAMPLE.standalone, '--deadline', '2001-01-01T00:00Z', '--data', data],
    );
    assert.equal(code, 0);
    assert.match(
      stdout,
      /by 2001-01-01 00:00Z, which has passed: computers install at their next scan: Software 12/,
    );
  });

  for (const option of [
    ['--deadline', '2999-01-01T00:00Z'],
    ['--action', 'install'],
  ]) {
    test(`refuses --remove together with ${option[0]}`, async (t) => {
      const { code, stderr } = await run(t, 'approve', SAMPLE.bundle, '--remove', ...option);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`'--remove' cannot be used with option '${option[0]} `));
    });
  }

  test('quotes titles on one line, without what drives a terminal', async (t) => {
    const titles = { en: 'Two\n\tlines\u009B2J' };
    const data = await dataFolder(t, [
      updateDocument({ id: SAMPLE.standalone, type: 'Software', deployable: true, titles }),
      updateDocument({ id: SAMPLE.otherUpdate, type: 'Software', deployable: true, titles }),
    ]);
    const exited = await run(t, 'approve', 'lines', '--data', data);
    refused(exited, /Two lines\uFFFD2J.*\(OAK_UPDATE_AMBIGUOUS\)$/m);
  });
});

describe('a data folder without a store is left alone', { concurrency: true }, () => {
  for (const args of [['updates'], ['computers'], ['groups'], ['content', 'add', '.'], ['decline', 'KB1']]) {
    test(`by "${args.join(' ')}"`, async (t) => {
      const data = temporaryFolder(t);
      refused(await run(t, ...args, '--data', data), /"?--data.*\(OAK_STORE_MISSING\)$/m);
      assert.deepEqual(readdirSync(data), []);
    });
  }

  test('but "groups create" makes one', async (t) => {
    const data = join(temporaryFolder(t), 'new');
    assert.equal((await run(t, 'groups', 'create', 'Pilot', '--data', data)).code, 0);
    assert.ok(existsSync(join(data, 'oakum.db')));
  });
});

test('whoever stops reading what it prints sees no fault', async (t) => {
  const unread = ['sh', '-c', '"$@" | true', 'sh'];
  const { stderr } = await new OakumProcess(t, ['completion', 'fish'], {}, unread).exited();
  assert.equal(stderr, '');
});

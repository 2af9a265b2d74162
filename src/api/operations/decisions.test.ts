import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { AdminApp, type Answer } from '../../../test/support/admin-app.ts';
import { pagesOf, readerOf } from '../../../test/support/listed-pages.ts';
import { SAMPLE, sampleDocuments } from '../../../test/support/sample-catalogue.ts';
import { strictly } from '../../../test/support/strict-schema.ts';
import { sourcesOf } from '../../../test/support/temp-store.ts';
import { importDocuments } from '../../import/importer.ts';
import type { AnyChangeOperation, AnyReadOperation } from '../operation.ts';
import { policy } from './policy.ts';
import { rings } from './rings.ts';
import { rollouts } from './rollouts.ts';
import { rules } from './rules.ts';
import { settings } from './settings.ts';

/** Rules, rings, rollouts, policies and settings over HTTP: what is answered about real things. */

async function withUpdates(): Promise<AdminApp> {
  const app = await AdminApp.open();
  const { db, now } = app.temp;
  await importDocuments(db, sourcesOf(sampleDocuments()), { source: 'test', now });
  await app.ask('operator', 'POST', '/groups', { body: { name: 'Pilot' } });
  return app;
}

/** What it answers, which must be exactly as its operation is declared. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what was checked is what the test says it is
function answered<T>({ result }: { readonly result: unknown }, answer: Answer): T {
  assert.ok(answer.status < 300, answer.text);
  const schema = strictly(result as AnyReadOperation['result']);
  assert.deepEqual([...Value.Errors(schema, answer.body)], [], answer.text);
  return answer.body as T;
}

const codeOf = ({ body }: Answer): unknown => (body as { readonly code?: unknown }).code;

interface Rule {
  readonly priority: number;
  readonly titles: readonly string[];
  readonly deadlineDays?: number;
}

describe('rules', () => {
  test('are added with defaults, and a change leaves alone what it does not name', async () => {
    await using app = await withUpdates();
    const body = { name: 'Monthly', groups: ['Pilot'], titles: ['Soft*'], deadlineDays: 3, priority: 7 };
    const added = answered<Rule>(rules.add, await app.ask('operator', 'POST', '/rules', { body }));
    assert.deepEqual([added.titles, added.priority, added.deadlineDays], [['Soft*'], 7, 3]);
    const patch = async (change: object) => app.ask('operator', 'PATCH', '/rules/monthly', { body: change });
    const changed = answered<Rule>(rules.change, await patch({ deadlineDays: null }));
    assert.deepEqual([changed.titles, changed.priority, changed.deadlineDays], [['Soft*'], 7, undefined]);
    const back = answered<Rule>(rules.change, await patch({ titles: null, priority: null }));
    assert.deepEqual([back.titles, back.priority], [[], 100]);
    assert.equal(codeOf(await patch({ priority: 0 })), 'OAK_INPUT_INVALID');
    assert.equal(codeOf(await patch({ groups: ['Pilto'] })), 'OAK_GROUP_UNKNOWN');
  });

  test('show at once what a dry run would approve, and then do it', async () => {
    await using app = await withUpdates();
    await app.ask('operator', 'POST', '/rules', { body: { name: 'all', groups: ['Pilot'] } });
    const run = async (dryRun: boolean) =>
      answered<{ readonly approvals: readonly unknown[] }>(
        rules.run,
        await app.ask('operator', 'POST', '/rules/run', { body: { rules: ['all'], dryRun } }),
      );
    const dry = await run(true);
    assert.ok(dry.approvals.length > 0);
    assert.deepEqual(await run(false), dry);
    assert.deepEqual((await run(false)).approvals, []);
  });

  test('are listed in the order in which they decide: of equal priority, the older one first', async () => {
    await using app = await withUpdates();
    for (const [name, priority] of [
      ['z', 100],
      ['b', 5],
      ['a', 100],
    ] as const)
      await app.ask('operator', 'POST', '/rules', { body: { name, priority, groups: ['Pilot'] } });
    const listed = await pagesOf(readerOf(app.temp), rules.list, { limit: 1 });
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['b', 'z', 'a'],
    );
  });

  test('are not changed by whoever looked at what they were before', async () => {
    await using app = await withUpdates();
    await app.ask('operator', 'POST', '/rules', { body: { name: 'x', groups: ['Pilot'] } });
    const { headers } = await app.ask('reader', 'GET', '/rules/x');
    const change = async (afterDays: number) =>
      app.ask('operator', 'PATCH', '/rules/x', {
        body: { afterDays },
        headers: { 'if-match': String(headers['etag']) },
      });
    assert.equal((await change(1)).status, 200);
    assert.equal(codeOf(await change(2)), 'OAK_PRECONDITION');
  });
});

describe('rollouts', () => {
  const steps = [{ group: 'Pilot' }, { group: 'All Computers', afterHours: 48 }];

  test('are started, paused and let go on, and rings say how many there are', async () => {
    await using app = await withUpdates();
    const post = async (path: string, body: object) => app.ask('operator', 'POST', path, { body });
    answered(rings.create, await post('/rings', { name: 'Slow', steps }));
    const updates = [SAMPLE.standalone];
    for (const [operation, path, more] of [
      [rollouts.start, '/rollouts', { ring: 'slow' }],
      [rollouts.pause, '/rollouts/pause', {}],
      [rollouts.resume, '/rollouts/resume', {}],
    ] as const)
      answered(operation as unknown as AnyChangeOperation, await post(path, { updates, ...more }));
    const shown = answered<{ readonly open: number }>(
      rings.show,
      await app.ask('reader', 'GET', '/rings/Slow'),
    );
    assert.equal(shown.open, 1);
    const { items } = (await app.ask('reader', 'GET', '/rollouts?state=running')).body as {
      readonly items: readonly unknown[];
    };
    assert.ok(Value.Check(strictly(rollouts.list.item), items[0]), JSON.stringify(items));
    assert.equal(codeOf(await app.ask('operator', 'DELETE', '/rings/Slow')), 'OAK_ROLLOUT_STATE');
    answered(rollouts.rollBack, await post('/rollouts/roll-back', { updates }));
    answered(rings.remove, await app.ask('operator', 'DELETE', '/rings/Slow'));
  });

  test('are the same read page by page, in every order', async () => {
    await using app = await withUpdates();
    const { db } = app.temp;
    for (const name of ['b', 'A', 'c'])
      await app.ask('operator', 'POST', '/rings', { body: { name, steps } });
    const { number } = await db
      .selectFrom('update_entry')
      .select('number')
      .where('update_id', '=', SAMPLE.standalone)
      .executeTakeFirstOrThrow();
    const ringIds = (await db.selectFrom('ring').select('id').execute()).map(({ id }) => id);
    const body = JSON.stringify({ action: 'install', steps });
    for (let index = 0; index < 24; index++)
      await db
        .insertInto('rollout')
        .values({
          ...{ ring_id: ringIds[index % 3], update_number: number, body, reason: null, step: 0, step_ms: 0 },
          ...{ state: index % 4 === 0 ? 'rolled-back' : 'finished', caller: String(index) },
          started_ms: index % 5,
        })
        .execute();
    for (const sort of rollouts.list.sorts)
      for (const direction of ['', '-']) {
        const asked = { sort: `${direction}${sort}` };
        const whole = await pagesOf(readerOf(app.temp), rollouts.list, { ...asked, limit: 1000 });
        assert.equal(whole.length, 24);
        for (const limit of [1, 5])
          assert.deepEqual(await pagesOf(readerOf(app.temp), rollouts.list, { ...asked, limit }), whole);
        const values = whole.map((one) => String(one[sort]).toLowerCase());
        const ordered = values.toSorted();
        assert.deepEqual(values, direction === '' ? ordered : ordered.reverse());
      }
  });
});

describe('a policy', () => {
  const document = { version: 1, groups: [{ name: 'Pilot' }], rules: [{ name: 'r', groups: ['Pilot'] }] };

  test('is planned, applied once, compared and given back, as plain data', async () => {
    await using app = await withUpdates();
    interface Plan {
      readonly changes: readonly unknown[];
      readonly digest: string;
    }
    const post = async (path: string, body: object) => app.ask('administrator', 'POST', path, { body });
    assert.equal(codeOf(await app.ask('reader', 'GET', '/policy/drift')), 'OAK_POLICY_NONE');
    const planned = answered<Plan>(
      policy.plan,
      await app.ask('reader', 'POST', '/policy/plan', { body: { document } }),
    );
    assert.equal(planned.changes.length, 1);
    const stale = { document, planDigest: '0'.repeat(32) };
    assert.equal(codeOf(await post('/policy/apply', stale)), 'OAK_POLICY_MOVED');
    answered(policy.apply, await post('/policy/apply', { document, planDigest: planned.digest }));
    const again = answered<Plan>(policy.apply, await post('/policy/apply', { document, prune: true }));
    assert.deepEqual(again.changes, []);
    answered(policy.drift, await app.ask('reader', 'GET', '/policy/drift'));
    const written = answered<object>(policy.export, await app.ask('reader', 'GET', '/policy'));
    const same = answered<Plan>(policy.plan, await post('/policy/plan', { document: written, prune: true }));
    assert.deepEqual(same.changes, []);
  });

  test('that is none says where', async () => {
    await using app = await AdminApp.open();
    const body = { document: { version: 1, rules: [{ name: 'r', grups: [] }] } };
    const answer = await app.ask('reader', 'POST', '/policy/plan', { body });
    assert.equal(codeOf(answer), 'OAK_POLICY_INVALID');
    assert.match(answer.text, /rules\[0\]\.grups/);
  });
});

describe('settings', () => {
  test('are set for the next start, and taken back', async () => {
    await using app = await AdminApp.open();
    const ask = async (method: string, body?: object) =>
      app.ask('administrator', method, '/settings/sync.pageUpdates', body === undefined ? {} : { body });
    answered(settings.set, await ask('PUT', { value: '30' }));
    const shown = answered<{ readonly restartNeeded: boolean }>(settings.show, await ask('GET'));
    assert.equal(shown.restartNeeded, true);
    const all = await pagesOf(readerOf(app.temp), settings.list, { limit: 7, sort: '-key' });
    for (const one of all) assert.ok(Value.Check(strictly(settings.list.item), one), JSON.stringify(one));
    answered(settings.unset, await ask('DELETE'));
    assert.deepEqual((await ask('DELETE')).body, { removed: null, override: null });
    const other = await app.ask('reader', 'GET', '/settings/sync.pageUpdate');
    assert.equal(codeOf(other), 'OAK_SETTING_UNKNOWN');
    assert.match(other.text, /sync\.pageUpdates/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createGroup } from '../../src/admin/groups.ts';
import { AdminApp } from '../support/admin-app.ts';

interface GroupPage {
  readonly items: readonly { readonly id: string; readonly name: string; readonly members: number }[];
  readonly next: string | null;
}

const HOSTILE = '=cmd|"/C calc"!A0\u202E\u2028<script>';

async function withGroups(): Promise<AdminApp> {
  const app = await AdminApp.open();
  for (const name of ['Berlin', 'Rostock', 'Ulm', 'Mainz', HOSTILE])
    await createGroup(app.temp.db, { name: 'test' }, { name, nowMs: app.temp.nowMs });
  return app;
}

async function pages(app: AdminApp, query: string): Promise<GroupPage['items'][]> {
  const found: GroupPage['items'][] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await app.ask('reader', 'GET', `/groups?${query}${more}`);
    assert.equal(status, 200, text);
    found.push((body as GroupPage).items);
    cursor = (body as GroupPage).next;
  }
  return found;
}

describe('a list', () => {
  test('its pages together are the whole list, in every order', async () => {
    await using app = await withGroups();
    for (const sort of ['path', 'name', 'members']) {
      const whole = (await pages(app, `sort=${sort}&limit=1000`)).flat();
      const backwards = (await pages(app, `sort=-${sort}&limit=1000`)).flat();
      assert.deepEqual(backwards.toReversed(), whole);
      for (const limit of [1, 2, 3]) {
        assert.deepEqual((await pages(app, `sort=${sort}&limit=${limit}`)).flat(), whole);
        assert.deepEqual((await pages(app, `sort=-${sort}&limit=${limit}`)).flat(), backwards);
      }
    }
  });

  test('tells only the properties that are asked for', async () => {
    await using app = await withGroups();
    const { body } = await app.ask('reader', 'GET', '/groups?fields=name,members&limit=1&sort=name');
    assert.deepEqual(Object.keys((body as GroupPage).items[0]), ['name', 'members']);
    const wrong = await app.ask('reader', 'GET', '/groups?fields=nmae');
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /Did you mean \\?"name\\?"/);
  });

  test('refuses an order it does not have and a cursor that is none of its own', async () => {
    await using app = await withGroups();
    assert.equal((await app.ask('reader', 'GET', '/groups?sort=colour')).status, 400);
    const { body } = await app.ask('reader', 'GET', '/groups?limit=1&sort=name');
    const { next } = body as GroupPage;
    assert.equal((await app.ask('reader', 'GET', `/groups?sort=members&cursor=${next}`)).status, 400);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (cursor) => {
        const { status } = await app.ask(
          'reader',
          'GET',
          `/groups?sort=name&cursor=${encodeURIComponent(cursor.toWellFormed())}`,
        );
        assert.equal(status, 400);
      }),
      { numRuns: 50 },
    );
  });

  test('comes as a whole as JSON Lines, each line an item', async () => {
    await using app = await withGroups();
    const whole = (await pages(app, 'limit=1000')).flat();
    const { text, headers } = await app.ask('reader', 'GET', '/groups', {
      headers: { accept: 'application/jsonl' },
    });
    assert.match(String(headers['content-type']), /^application\/jsonl/);
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
      whole,
    );
  });

  test('comes as a whole as CSV, in which nothing is a formula', async () => {
    await using app = await withGroups();
    const { text, headers } = await app.ask('reader', 'GET', '/groups?format=csv&fields=name,members');
    assert.match(String(headers['content-type']), /^text\/csv/);
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines[0], '"name","members"');
    assert.equal(lines.length, 8);
    assert.ok(lines.includes('"Berlin","0"'));
    assert.ok(lines.some((line) => line.startsWith('"\'=cmd|')));
  });

  test('hostile names come back inert in JSON, and unchanged to whoever reads it', async () => {
    await using app = await withGroups();
    const { text, body } = await app.ask('reader', 'GET', `/groups?search=${encodeURIComponent('=cmd')}`);
    assert.doesNotMatch(text, /<|[\u2028\u202E]/);
    assert.equal((body as GroupPage).items[0]?.name, HOSTILE);
  });
});

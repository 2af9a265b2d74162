import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdminApp } from '../support/admin-app.ts';
import { FleetStore } from '../support/fleet-store.ts';
import { SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';

/** What computers say of themselves comes back as it is, and is inert wherever it is looked at. */

const NAME = '\u001B]0;owned\u0007=cmd|"/C calc"!A1\r\n\u202Eevil,"x"';
const MODEL = '@SUM(1)\u009B2J\n<script>alert(1)</script>';
const LIVE = /(?![\r\n])\p{Cc}|\p{Cf}|[<\u2028\u2029]/u;

const PATHS = [
  '/computers',
  '/computers/c1',
  '/findings',
  '/events',
  `/computers/c1/updates/${SAMPLE.standalone}/explain`,
  '/compliance/failures',
  '/audit',
];

/** Runs a task with a computer that says hostile things, and failed at an update. */
async function withHostileComputer(task: (app: AdminApp) => Promise<void>): Promise<void> {
  await using fleet = await FleetStore.open(sampleDocuments());
  await fleet.greet('c1', NAME, `=1;${MODEL}`);
  await fleet.register('c1', { dnsName: NAME, model: MODEL, osDescription: MODEL });
  await fleet.report('c1', { needed: [SAMPLE.standalone] });
  await fleet.failed('c1', SAMPLE.standalone, -2_145_107_951);
  const app = await AdminApp.open({}, [], fleet.temp);
  await task(app);
  await app.app.close();
}

describe('a hostile computer', () => {
  test('is inert in JSON, and comes back as it spoke', async () => {
    await withHostileComputer(async (app) => {
      for (const path of PATHS) {
        const { status, text } = await app.ask('operator', 'GET', path);
        assert.equal(status, 200, `${path}: ${text}`);
        assert.doesNotMatch(text, LIVE, path);
      }
      const { body } = await app.ask('reader', 'GET', '/computers/c1');
      assert.equal((body as { readonly model: string }).model, MODEL);
    });
  });

  test('is inert in CSV: no cell is a formula, and none becomes two lines', async () => {
    await withHostileComputer(async (app) => {
      for (const path of ['/computers', '/findings', '/events', '/compliance/failures']) {
        const { text } = await app.ask('reader', 'GET', `${path}?format=csv`);
        const [headings = '', ...rows] = text.trimEnd().split('\r\n');
        assert.ok(rows.length > 0, path);
        for (const row of rows) {
          assert.equal(row.match(/"(?:[^"]|"")*"/g)?.length, headings.split(',').length, `${path}: ${row}`);
          assert.doesNotMatch(row, /(?:^|,)"\s*[=+@|]/, path);
          assert.doesNotMatch(row, /\p{Cc}|\p{Cf}/u, path);
        }
      }
    });
  });

  test('is inert in errors', async () => {
    await withHostileComputer(async (app) => {
      const name = encodeURIComponent(`${NAME.slice(0, 6)}?`);
      const { status, text } = await app.ask('operator', 'POST', `/computers/${name}/move`, {
        body: { groups: [MODEL] },
      });
      assert.ok(status === 404 || status === 400, text);
      assert.doesNotMatch(text, LIVE);
    });
  });
});

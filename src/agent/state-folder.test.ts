import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TempFolder } from '../../test/support/temp-store.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import { dateTimeFromMs } from '../soap/simple-type.ts';
import { freshState, type AgentState, type HeldUpdate } from './agent-state.ts';
import type { AgentEvent } from './client-events.ts';
import { loadAgent, saveAgent, type SavedAgent } from './state-folder.ts';

const CLIENT_ID = '0b0a0000-0000-4000-8000-000000000004';

const updateId: fc.Arbitrary<UpdateId> = fc.uuid().map((text) => parseUpdateId(text)!);
const text = fc.string({ unit: 'binary', maxLength: 40 });
const time = fc.integer({ min: 0, max: 4e12 }).map(dateTimeFromMs);

const heldUpdate: fc.Arbitrary<HeldUpdate> = fc.record(
  {
    id: fc.integer({ min: 1 }),
    updateId,
    revisionNumber: fc.nat(),
    isLeaf: fc.boolean(),
    isDriver: fc.boolean(),
    deployment: fc.record({
      id: fc.nat(),
      action: text,
      isAssigned: fc.boolean(),
      deadline: fc.option(text, { nil: undefined }),
    }),
    core: text,
    extended: text,
    localized: text,
  },
  { requiredKeys: ['id', 'updateId', 'revisionNumber', 'isLeaf', 'isDriver', 'deployment', 'core'] },
);

const event: fc.Arbitrary<AgentEvent> = fc.record(
  {
    eventId: fc.nat(300),
    timeMs: fc.nat(),
    update: fc.record({ updateId, revisionNumber: fc.nat() }),
    hresult: fc.nat(),
    replacementStrings: fc.array(text),
    misc: fc.dictionary(fc.constantFrom('B', 'F', 'k'), text),
  },
  { requiredKeys: ['eventId', 'timeMs'] },
);

const state: fc.Arbitrary<AgentState> = fc
  .record({
    config: fc.option(
      fc.record({
        lastChange: time,
        registrationRequired: fc.boolean(),
        authorizationPath: text,
        maxExtendedUpdates: fc.integer({ min: 1, max: 1000 }),
        serverProtocolVersion: text,
      }),
      { nil: undefined },
    ),
    cookie: fc.option(
      fc.record({ expiration: time, data: fc.uint8Array().map((bytes) => Buffer.from(bytes)) }),
      {
        nil: undefined,
      },
    ),
    registeredAs: text,
    updates: fc
      .uniqueArray(heldUpdate, { selector: (update) => update.id, maxLength: 10 })
      .map((updates) => new Map(updates.map((update) => [update.id, update]))),
    fileLocations: fc.array(fc.tuple(text, text)).map((entries) => new Map(entries)),
  })
  .map((parts) => ({ ...freshState(CLIENT_ID), ...parts }));

const savedAgent: fc.Arbitrary<SavedAgent> = fc.record({
  server: text,
  state,
  machine: fc.jsonValue(),
  profile: text,
  queuedEvents: fc.array(event, { maxLength: 5 }),
});

/** One of everything. */
function someAgent(): SavedAgent {
  const [one] = fc.sample(
    savedAgent.filter(({ state: { cookie, config, updates } }) =>
      Boolean(cookie && config && updates.size > 2),
    ),
    { seed: 5, numRuns: 1 },
  );
  return one;
}

test('nothing is loaded from a folder in which nothing was saved', async () => {
  using folder = new TempFolder();
  assert.equal(await loadAgent(folder.path), undefined);
  assert.equal(await loadAgent(join(folder.path, 'nowhere')), undefined);
});

test('what is saved is loaded again', async () => {
  using folder = new TempFolder();
  await fc.assert(
    fc.asyncProperty(savedAgent, async (saved) => {
      await saveAgent(folder.path, saved);
      // JSON knows no difference between absent and undefined, nor negative zero.
      const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
      const loaded = await loadAgent(folder.path);
      assert.ok(loaded);
      const { updates, fileLocations, cookie, ...rest } = loaded.state;
      const { updates: ofUpdates, fileLocations: ofLocations, cookie: ofCookie, ...ofRest } = saved.state;
      assert.deepEqual(plain([...updates]), plain([...ofUpdates]));
      assert.deepEqual(fileLocations, ofLocations);
      assert.deepEqual(plain(cookie ?? null), plain(ofCookie ?? null));
      assert.deepEqual(plain(rest), plain(ofRest));
      assert.deepEqual(plain({ ...loaded, state: 0 }), plain({ ...saved, state: 0 }));
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(readdirSync(folder.path).toSorted(), ['agent.json', 'updates.jsonl']);
});

describe('a folder that cannot be used is OAK_AGENT_STATE', () => {
  const damages: Readonly<Record<string, (folder: string) => void>> = {
    'agent.json is empty': (folder) => writeFileSync(join(folder, 'agent.json'), ''),
    'agent.json is cut off': (folder) => truncateSync(join(folder, 'agent.json'), 40),
    'agent.json is somebody else’s': (folder) => writeFileSync(join(folder, 'agent.json'), '{"name":"x"}'),
    'agent.json is null': (folder) => writeFileSync(join(folder, 'agent.json'), 'null'),
    'agent.json is bytes': (folder) => writeFileSync(join(folder, 'agent.json'), Buffer.alloc(100, 0xff)),
    'agent.json is a folder': (folder) => {
      rmSync(join(folder, 'agent.json'));
      mkdirSync(join(folder, 'agent.json'));
    },
    'agent.json is of a later version': (folder) => {
      const path = join(folder, 'agent.json');
      const later = readFileSync(path, 'utf8').replace('"version": 1', '"version": 2');
      writeFileSync(path, later);
    },
    'a time is none': (folder) => {
      const path = join(folder, 'agent.json');
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(/"expiration": "[^"]*"/, '"expiration": "soon"'),
      );
    },
    'updates.jsonl is missing': (folder) => rmSync(join(folder, 'updates.jsonl')),
    'updates.jsonl is cut off': (folder) => truncateSync(join(folder, 'updates.jsonl'), 30),
    'updates.jsonl holds something else': (folder) =>
      writeFileSync(join(folder, 'updates.jsonl'), '{"id":1}\n'),
    'updates.jsonl names no UpdateID': (folder) => {
      const path = join(folder, 'updates.jsonl');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"updateId":"[^"]*"/, '"updateId":"x"'));
    },
    'updates.jsonl is a folder': (folder) => {
      rmSync(join(folder, 'updates.jsonl'));
      mkdirSync(join(folder, 'updates.jsonl'));
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    test(what, async () => {
      using folder = new TempFolder();
      await saveAgent(folder.path, someAgent());
      damage(folder.path);
      await assert.rejects(loadAgent(folder.path), { code: 'OAK_AGENT_STATE', message: /^[^\n]*$/ });
    });
  }

  test('a file stands where the folder should be', async () => {
    using folder = new TempFolder();
    const path = join(folder.path, 'file');
    writeFileSync(path, '');
    assert.equal(await loadAgent(path), undefined);
    await assert.rejects(saveAgent(path, someAgent()), { code: 'OAK_AGENT_STATE' });
  });

  test('it cannot be written', async () => {
    using folder = new TempFolder();
    mkdirSync(join(folder.path, 'updates.jsonl.new'));
    await assert.rejects(saveAgent(folder.path, someAgent()), { code: 'OAK_AGENT_STATE' });
  });
});

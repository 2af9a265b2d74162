import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { pagesOf, readerOf } from '../../../test/support/listed-pages.ts';
import {
  LICENCE_FILE,
  MEMBER_FILES,
  SAMPLE,
  sampleDocuments,
  updateDocument,
} from '../../../test/support/sample-catalogue.ts';
import { strictly } from '../../../test/support/strict-schema.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { approveUpdates, declineUpdates } from '../../admin/approvals.ts';
import { addContent } from '../../admin/content.ts';
import { createGroup } from '../../admin/groups.ts';
import { executeList, executeRead } from '../execute.ts';
import type { Input } from '../input.ts';
import type { AnyJobOperation, AnyListOperation, AnyReadOperation, OperationContext } from '../operation.ts';
import { writeCursor } from '../page.ts';
import { resolveUpload, storeUpload } from '../uploads.ts';
import { approvals } from './approvals.ts';
import { categories } from './categories.ts';
import { content } from './content.ts';
import { imports } from './imports.ts';
import { licences } from './licences.ts';
import { updates } from './updates.ts';

/** Lists of the catalogue, read page by page: with equal values, with values that are missing, forwards and backwards. */

const CALLER = { name: 'test' };
const NUMBERED = Array.from({ length: 9 }, (_, index) => index);

async function openCatalogue(): Promise<TempStore> {
  const temp = await TempStore.open();
  const { db } = temp;
  await temp.import(sampleDocuments());
  for (const index of NUMBERED) {
    temp.nowMs += index % 2;
    const severity = ['Critical', 'Low', 'Odd'][index % 3];
    const document = updateDocument({
      id: SAMPLE.standalone.replace(/.$/, `${index}`).replace(/^./, 'f') as typeof SAMPLE.standalone,
      type: 'Software',
      deployable: true,
      properties: index % 4 === 0 ? `EulaID="eula-${index}"` : `MsrcSeverity="${severity}"`,
      titles: { en: `Anchor ${index % 3}` },
      categories: [SAMPLE.product],
    });
    await temp.import([document], `import ${index}`);
  }
  const nowMs = temp.nowMs;
  for (const name of ['Shop', 'Office']) await createGroup(db, CALLER, { name, nowMs });
  for (const index of NUMBERED) {
    const request = {
      updates: [SAMPLE.standalone.replace(/.$/, `${index}`).replace(/^./, 'f')],
      acceptLicence: index === 4,
      nowMs: nowMs + (index >> 1),
    };
    if (index % 4 === 0 && index !== 4) continue;
    const groups = index % 2 === 0 ? ['Shop', 'Office'] : ['All Computers'];
    const deadline = index % 3 === 0 ? { deadlineMs: nowMs + 1 } : {};
    if (index === 7) await declineUpdates(db, CALLER, { ...request, declined: true });
    else await approveUpdates(db, CALLER, { ...request, groups, action: 'Install', ...deadline });
  }
  const [payload] = MEMBER_FILES;
  writeFileSync(join(temp.dataFolder, 'payload'), payload.content);
  const { house } = readerOf(temp);
  await addContent(db, await house.content(), CALLER, join(temp.dataFolder, 'payload'));
  return temp;
}

/** Every list, with what it is asked for, and how many there are at least for the test to say anything. */
const LISTS: readonly (readonly [string, unknown, Input, number])[] = [
  ['updates', updates.list, {}, 19],
  ['updates that fit', updates.list, { search: 'anchor' }, 9],
  ['updates of a product', updates.list, { product: 'Example Product', deployable: true }, 9],
  ['updates of a family', updates.list, { product: SAMPLE.family, type: 'Software' }, 9],
  ['declined updates', updates.list, { decision: 'declined' }, 1],
  ['approved updates', updates.list, { decision: 'approved', superseded: false }, 5],
  ['undecided updates', updates.list, { decision: 'undecided', type: 'Software' }, 3],
  ['critical updates', updates.list, { severity: 'Critical', arrivedSinceMs: 0 }, 2],
  ['approvals', approvals.list, {}, 8],
  ['approvals of a group', approvals.list, { group: 'shop', withheld: false, madeBy: 'manual' }, 2],
  ['licences', licences.list, {}, 3],
  ['categories', categories.list, {}, 5],
  ['products', categories.list, { type: 'product' }, 2],
  ['files', content.list, {}, 2],
  ['missing files', content.list, { stored: false }, 1],
  ['stored files', content.list, { stored: true }, 1],
  ['imports', imports.list, {}, 10],
];

describe('a list of the catalogue', () => {
  let temp: TempStore;
  let context: OperationContext;
  before(async () => {
    temp = await openCatalogue();
    context = readerOf(temp);
  });
  after(() => temp[Symbol.asyncDispose]());

  for (const [what, declared, asked, least] of LISTS) {
    const operation = declared as AnyListOperation;
    for (const sort of operation.sorts) {
      test(`${what} by ${sort} is the same in pages of any size, and backwards`, async () => {
        const { items: whole } = await executeList(context, operation, { ...asked, sort, limit: 1_000 });
        assert.ok(whole.length >= least, `${whole.length} of at least ${least}`);
        const schema = strictly(operation.item);
        for (const item of whole)
          assert.ok(Value.Check(schema, JSON.parse(JSON.stringify(item))), JSON.stringify(item));
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (limit) => {
            assert.deepEqual(await pagesOf(context, operation, { ...asked, sort, limit }), whole);
            const backwards = await pagesOf(context, operation, { ...asked, sort: `-${sort}`, limit });
            assert.deepEqual(backwards, whole.toReversed());
          }),
          { numRuns: 4 },
        );
      });
    }

    test(`${what} takes no cursor that is not its own`, async () => {
      const [sort] = operation.sorts;
      for (const key of [[null], ['x'], ['x', null, 1, 2], [1e300, 'x'], [null, null, null]]) {
        const cursor = writeCursor({ sort, descending: true }, key);
        const listed = executeList(context, operation, { ...asked, cursor, sort: `-${sort}` });
        await listed.catch((error: { readonly code?: string }) => assert.equal(error.code, 'OAK_CURSOR'));
      }
    });
  }

  test('licences that nobody has accepted come first, then the latest', async () => {
    const { items } = await executeList(context, licences.list, {});
    const accepted = items.map((item) => (item['acceptedMs'] === null ? 0 : 1));
    assert.deepEqual(
      accepted,
      accepted.toSorted((one, other) => one - other),
    );
    assert.deepEqual(new Set(accepted), new Set([0, 1]));
  });

  test('severities are sorted by what they mean', async () => {
    const operation = updates.list as unknown as AnyListOperation;
    const { items } = await executeList(context, operation, { search: 'anchor', sort: '-severity' });
    const ranks = ['Critical', 'Low'];
    const said = items.map((item) => String(item['severity']));
    assert.deepEqual(
      said.filter((one) => ranks.includes(one)),
      said
        .filter((one) => ranks.includes(one))
        .toSorted((one, other) => ranks.indexOf(one) - ranks.indexOf(other)),
    );
    assert.equal(said[0], 'Critical');
  });

  test('an update is shown with everything that is known of it', async () => {
    for (const update of Object.values(SAMPLE)) {
      const read = updates.show as unknown as AnyReadOperation;
      const result: unknown = JSON.parse(JSON.stringify(await executeRead(context, read, { update })));
      assert.ok(Value.Check(strictly(read.result), result), JSON.stringify(result));
    }
    const member = await updates.show.run(context, { update: SAMPLE.member });
    assert.deepEqual(
      member.files.filter((file) => file.name !== LICENCE_FILE.name).map((file) => file.stored),
      [true, false],
    );
    assert.deepEqual(
      member.bundledBy.map((one) => one.updateId),
      [SAMPLE.bundle],
    );
    const bundle = await updates.show.run(context, { update: SAMPLE.bundle });
    assert.deepEqual(
      bundle.bundles.map((one) => one.updateId),
      [SAMPLE.member],
    );
    assert.ok(bundle.products.length > 0 && bundle.classifications.length > 0);
  });

  test('a document is shown as it was imported', async () => {
    const { document } = await updates.document.run(context, { update: SAMPLE.member });
    assert.ok(sampleDocuments().some((one) => one.toString() === document));
    await assert.rejects(updates.document.run(context, { update: SAMPLE.member, revision: 7 }), {
      code: 'OAK_UPDATE_UNKNOWN',
    });
  });
});

describe('a job with uploads', () => {
  const signal = new AbortController().signal;
  const progress = { report: () => undefined, signal };

  async function sent(context: OperationContext, name: string, bytes: Uint8Array): Promise<string> {
    const stream = Readable.from([bytes]);
    return (await storeUpload(context.house.dataFolder, { name, stream, maxBytes: 1e6 })).upload;
  }

  function operator(temp: TempStore): OperationContext {
    return { ...readerOf(temp), principal: { name: 'test', role: 'operator', kind: 'token' } };
  }

  test('imports them, says nothing of where they lay, and deletes them', async () => {
    await using temp = await TempStore.open();
    const context = operator(temp);
    const uploads = [
      await sent(context, 'a.xml', updateDocument({ id: SAMPLE.product, type: 'Category' })),
      await sent(context, '../../odd name.xml', Buffer.from('<Update/>')),
    ];
    const paths = uploads.map((one) => resolveUpload(context, one));
    const job = imports.start as unknown as AnyJobOperation;
    const result = await imports.start.run(context, { uploads }, progress);
    assert.ok(Value.Check(strictly(job.result), JSON.parse(JSON.stringify(result))));
    assert.equal(result.imported, 1);
    assert.deepEqual(
      result.rejected.map((one) => one.name),
      ['odd_name.xml'],
    );
    assert.deepEqual(paths.map(existsSync), [false, false]);
    const { items } = await executeList(readerOf(temp), imports.list, {});
    assert.ok(!String(items[0]?.['source']).includes(temp.dataFolder));
    await assert.rejects(imports.start.run(context, { uploads }, progress), { code: 'OAK_UPLOAD_UNKNOWN' });
  });

  test('stores files, refuses those that nothing names, and verifies them', async () => {
    await using temp = await TempStore.open();
    await temp.import(sampleDocuments());
    const context = operator(temp);
    const [payload] = MEMBER_FILES;
    const uploads = [
      await sent(context, 'payload', payload.content),
      await sent(context, 'other', Buffer.from('other')),
      '0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41',
      '../../etc/passwd',
    ];
    const { added, rejected } = await content.add.run(context, { uploads }, progress);
    assert.deepEqual(
      added.map((one) => one.name),
      [payload.name],
    );
    assert.deepEqual(
      rejected.map((one) => [one.path, one.code]),
      [
        [uploads[1], 'OAK_CONTENT_UNNAMED'],
        [uploads[2], 'OAK_UPLOAD_UNKNOWN'],
        [uploads[3], 'OAK_UPLOAD_UNKNOWN'],
      ],
    );
    assert.ok(!JSON.stringify(rejected).includes(temp.dataFolder));
    const { verdicts } = await content.verify.run(context, {}, progress);
    assert.deepEqual(verdicts, [{ sha1: added[0]?.sha1, size: payload.content.length }]);
  });

  test('that is aborted keeps them for the next attempt', async () => {
    await using temp = await TempStore.open();
    const context = operator(temp);
    const uploads = [await sent(context, 'a.xml', updateDocument({ id: SAMPLE.product, type: 'Category' }))];
    const aborted = { report: () => undefined, signal: AbortSignal.abort(new Error('stop')) };
    await assert.rejects(imports.start.run(context, { uploads }, aborted), /stop/);
    assert.equal((await imports.start.run(context, { uploads }, progress)).imported, 1);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument } from '../metadata/update-document.ts';
import type { Passage } from '../soap/passage.ts';
import { escapeBytes } from '../xml/text.ts';
import { findRevision } from './imports.ts';
import { createMetadataSource } from './metadata-source.ts';

const ROOM = 1024 * 1024;

async function open(cacheBytes = ROOM) {
  const temp = await TempStore.open();
  await temp.import(OWN_DOCUMENTS.map(ownDocument));
  const ids = new Map<string, number>();
  for (const name of OWN_DOCUMENTS) {
    const found = await findRevision(temp.db, parseUpdateDocument(ownDocument(name)));
    ids.set(name, found?.revisionId ?? 0);
  }
  const source = createMetadataSource(temp.store.reader, cacheBytes);
  const id = (name: string): number => ids.get(name) ?? 0;
  return { temp, source, id, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();
const text = (passage: Passage | undefined): string | undefined => textOf(passage?.plain());
const UNKNOWN = 9_999;

describe('the metadata source', () => {
  let stored: Awaited<ReturnType<typeof open>>;
  before(async () => {
    stored = await open();
  });
  after(() => stored[Symbol.asyncDispose]());

  it('gives Core and Extended fragments in the order asked for', async () => {
    const { source, id } = stored;
    const ids = [id('driver'), UNKNOWN, id('bundle')];
    const expected = (kind: 'core' | 'extended') =>
      [ownDocument('driver'), undefined, ownDocument('bundle')].map(
        (document) => document && escapeBytes(deriveFragments(document)[kind]).toString(),
      );
    assert.deepEqual((await source.cores(ids)).map(text), expected('core'));
    assert.deepEqual((await source.extended(ids)).map(text), expected('extended'));
    assert.deepEqual((await source.cores(ids)).map(text), expected('core'));
  });

  // bundle has en, de, pt-br and English as its own language; classification has de and ja, and German.
  const choices: readonly (readonly [name: string, locales: readonly string[], language: string])[] = [
    ['bundle', ['de'], 'de'],
    ['bundle', ['pt-BR', 'en'], 'pt-br'],
    ['bundle', ['de-AT', 'en'], 'de'],
    ['bundle', ['pt', 'de'], 'de'],
    ['bundle', ['fr', 'DE'], 'de'],
    ['bundle', [' de '], 'de'],
    ['bundle', ['fr'], 'en'],
    ['bundle', [], 'en'],
    ['classification', ['ja-JP', 'de'], 'ja'],
    ['classification', ['en-US', 'en'], 'de'],
    ['classification', [''], 'de'],
  ];
  for (const [name, locales, language] of choices) {
    it(`gives texts of ${name} in ${language} to a client that wants [${locales.join(', ')}]`, async () => {
      const [xml] = await stored.source.localized([stored.id(name)], locales);
      const wanted = deriveFragments(ownDocument(name)).localized.find((one) => one.language === language);
      assert.equal(text(xml), textOf(wanted && escapeBytes(wanted.xml)));
    });
  }

  // eula has licences in en and de for the rest of the world, and in de for Switzerland.
  const licences: readonly (readonly [locales: readonly string[], geoId: string, file: string])[] = [
    [['en'], '', 'licence-en.txt'],
    [['de'], '', 'licence-de.txt'],
    [['de'], 'USA', 'licence-de.txt'],
    [['de'], 'CHE', 'licence-de-CHE.txt'],
    [['de-CH'], 'che', 'licence-de-CHE.txt'],
    [['fr'], 'CHE', 'licence-de-CHE.txt'],
    [['fr'], '', 'licence-en.txt'],
  ];
  for (const [locales, geoId, file] of licences) {
    it(`gives ${file} to a client in "${geoId}" that wants [${locales.join(', ')}]`, async () => {
      const [found] = await stored.source.eulas([stored.id('eula')], locales, geoId);
      assert.equal(found.length, 1);
      assert.match(text(found[0]) ?? '', new RegExp(`FileName="${file}"`));
    });
  }

  it('gives nothing where there is nothing', async () => {
    const { source, id } = stored;
    assert.deepEqual(await source.eulas([id('bundle'), UNKNOWN], ['en'], ''), [[], []]);
    assert.deepEqual(await source.localized([UNKNOWN], ['en']), [undefined]);
    assert.deepEqual(await source.files([UNKNOWN, id('company')]), []);
    assert.deepEqual(await source.filesByDigest([Buffer.alloc(20)]), []);
    assert.deepEqual(await source.cores([]), []);
  });

  it('gives each file once, also when several revisions have it', async () => {
    const { source, id, temp } = stored;
    const bytes = ownDocument('os-installer').toString().replace('RevisionNumber="1"', 'RevisionNumber="2"');
    await temp.import([Buffer.from(bytes)], 'next revision');
    const next = await findRevision(temp.db, parseUpdateDocument(Buffer.from(bytes)));
    const files = await source.files([
      id('os-installer'),
      next?.revisionId ?? 0,
      id('eula'),
      id('os-installer'),
    ]);
    assert.deepEqual(files.map((file) => file.name).sort(), [
      'bench-os.cab',
      'bench-os.wim',
      'eula-app.exe',
      'licence-de-CHE.txt',
      'licence-de.txt',
      'licence-en.txt',
    ]);
    const wim = files.find((file) => file.name === 'bench-os.wim');
    assert.ok(wim !== undefined);
    assert.deepEqual(
      [wim.size, wim.digest.toString('base64')],
      [15796854272, '1wFnQAO/hBs/XOJW2JKBWc5zxm8='],
    );
    assert.deepEqual(await source.filesByDigest([Buffer.alloc(20), wim.digest]), [wim]);
  });

  it('remembers what it gave, in the room it has', async () => {
    const afterDeletion = async (cacheBytes: number): Promise<boolean> => {
      await using limited = await open(cacheBytes);
      const { source, id, temp } = limited;
      await source.cores([id('driver')]);
      await temp.db.deleteFrom('fragment').execute();
      const [core] = await source.cores([id('driver')]);
      return core !== undefined;
    };
    assert.equal(await afterDeletion(ROOM), true);
    assert.equal(await afterDeletion(0), false);
    assert.equal(await afterDeletion(1_000), false);
  });

  it('sees what is imported while it is open', async () => {
    await using temp = await TempStore.open();
    const source = createMetadataSource(temp.store.reader, ROOM);
    assert.deepEqual(await source.cores([1]), [undefined]);
    await temp.import([ownDocument('company')]);
    assert.match(text((await source.cores([1]))[0]) ?? '', /^&lt;UpdateIdentity /);
  });
});

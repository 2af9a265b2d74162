import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  catalogueDocuments,
  sentFragments,
  upstreamDocuments,
  type SentFragment,
} from '../../test/support/captured-documents.ts';
import { skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { assertSameBytes } from '../../test/support/same-bytes.ts';
import { assertWellFormedFragment } from '../../test/support/well-formed.ts';
import { deriveFragments, type Fragments } from './fragments.ts';
import { parseUpdateDocument, titleOf, type UpdateDocument } from './update-document.ts';

interface Derived {
  readonly document: UpdateDocument;
  readonly fragments: Fragments;
}

const derive = (bytes: Buffer): Derived => ({
  document: parseUpdateDocument(bytes),
  fragments: deriveFragments(bytes),
});

describe('the documents of a whole real catalogue', { skip: skipWithoutFixtures }, () => {
  const catalogue = new Map<string, Derived>();
  const key = (updateId: string, revisionNumber: number | string): string =>
    `${updateId.toLowerCase()} ${revisionNumber}`;

  before(async () => {
    for await (const bytes of catalogueDocuments()) {
      const derived = derive(bytes);
      catalogue.set(key(derived.document.updateId, derived.document.revisionNumber), derived);
    }
  });

  it('are all read, each of its kind', () => {
    const counts: Record<string, number> = {};
    const updates = new Set<string>();
    for (const { document } of catalogue.values()) {
      const { updateType, categoryType = '', updateId } = document;
      const kind = `${updateType} ${categoryType}`.trim();
      counts[kind] = (counts[kind] ?? 0) + 1;
      updates.add(updateId);
    }
    assert.deepEqual(counts, {
      'Category UpdateClassification': 20,
      'Category Company': 3,
      'Category ProductFamily': 61,
      'Category Product': 367,
      Detectoid: 3674,
    });
    assert.equal(catalogue.size, 4125);
    assert.equal(updates.size, 4087);
  });

  it('have titles, dates and handlers', () => {
    for (const { document } of catalogue.values()) {
      assert.notEqual(titleOf(document), '');
      assert.ok(document.creationMs !== undefined && document.creationMs > Date.UTC(1999, 0));
      assert.equal(document.handler, document.updateType === 'Category' ? 'Category' : undefined);
    }
    const expired = [...catalogue.values()].filter(({ document }) => document.expired);
    assert.equal(expired.length, 6);
  });

  it('name no update that is not among them', () => {
    const known = new Set([...catalogue.values()].map(({ document }) => document.updateId));
    const depended = new Set<string>();
    for (const { document } of catalogue.values()) {
      for (const { updateIds } of document.relations.prerequisites) {
        for (const updateId of updateIds) {
          assert.ok(known.has(updateId), updateId);
          depended.add(updateId);
        }
      }
    }
    assert.equal(depended.size, 458);
    const roots = new Set([...catalogue.values()].filter(isRoot).map(({ document }) => document.updateId));
    assert.equal(roots.size, 108);
    const superseding = [...catalogue.values()].filter(
      ({ document }) => document.relations.superseded.length,
    );
    assert.equal(superseding.length, 109);
  });

  it('have fragments that are well-formed without any namespace and without comments', () => {
    for (const { document, fragments } of catalogue.values()) {
      const { core, extended, localized, eulas } = fragments;
      assertWellFormedFragment(core);
      assertWellFormedFragment(extended);
      for (const { xml } of localized) assertWellFormedFragment(xml);
      assert.equal(localized.length, document.texts.length);
      assert.deepEqual(eulas, []);
      assert.doesNotMatch(`${core.toString()}${extended.toString()}`, /xmlns|<\/?\w+:/);
    }
  });

  it('have the Core fragments a real server sent', () => {
    let compared = 0;
    for (const { xml } of sentFragments()) {
      const identity = /^<UpdateIdentity UpdateID="([^"]+)" RevisionNumber="(\d+)"/.exec(xml);
      const derived = identity && catalogue.get(key(identity[1], identity[2]));
      if (!derived) continue;
      assertSameBytes(derived.fragments.core, Buffer.from(xml));
      compared++;
    }
    assert.equal(compared, 6);
  });
});

const isRoot = ({ document }: Derived): boolean => document.relations.prerequisites.length === 0;

describe('documents an upstream server sent', { skip: skipWithoutFixtures }, () => {
  it('have the Extended and LocalizedProperties fragments a real server sent', () => {
    const byTitle = new Map(
      upstreamDocuments().map((bytes) => {
        const derived = derive(bytes);
        return [titleOf(derived.document), derived];
      }),
    );
    const compared: string[] = [];
    for (const [id, sent] of groupById(sentFragments())) {
      const localized = sent.find(({ xml }) => xml.startsWith('<LocalizedProperties>'));
      const derived = byTitle.get(/<Title>(.*?)<\/Title>/.exec(localized?.xml ?? '')?.[1] ?? '');
      if (derived === undefined) continue;
      const { localized: texts, extended } = derived.fragments;
      const english = texts.find((one) => one.language === 'en')?.xml.toString() ?? '';
      // The publisher of the capture removed numbers from links.
      const redacted = localized?.xml.includes('LinkId=REDACTED')
        ? english.replaceAll(/LinkId=\d+/g, 'LinkId=REDACTED')
        : english;
      assertSameBytes(Buffer.from(redacted), Buffer.from(localized?.xml ?? ''));
      const sentExtended = sent.find(({ xml }) => xml.startsWith('<ExtendedProperties'));
      assertSameBytes(extended, Buffer.from(sentExtended?.xml ?? ''));
      compared.push(`${id} ${derived.document.updateId}`);
    }
    assert.equal(compared.length, 7, compared.join('\n'));
  });
});

function groupById(sent: readonly SentFragment[]): Map<string, SentFragment[]> {
  return Map.groupBy(sent, (one) => `${one.file} ${one.id}`);
}

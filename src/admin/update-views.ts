import { OakumError } from '../errors/oakum-error.ts';
import type { ContentStore } from '../content/content-store.ts';
import { digestHex } from '../content/digest-hex.ts';
import { titleOf, parseUpdateDocument, type UpdateDocument } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { listAllApprovals, type StoredApproval } from '../store/approvals.ts';
import { listCategories } from '../store/category-list.ts';
import { CategoryTree } from '../store/category-tree.ts';
import { readDocument } from '../store/imports.ts';
import { licenceOf, type UpdateLicence } from '../store/licences.ts';
import { type DbOrTx } from '../store/schema.ts';
import { UpdateRelation } from '../store/schema/catalogue-tables.ts';
import {
  categoriesOfUpdates,
  revisionsOf,
  titlesOfUpdates,
  updatesThatSay,
  type RelatedCategory,
  type RelatedUpdate,
  type StoredRevision,
} from '../store/update-context.ts';
import { numbersOfUpdates } from '../store/update-numbers.ts';
import {
  readUpdatesPage,
  type PagedUpdate,
  type UpdatesFilter,
  type UpdatesPage,
} from '../store/updates-page.ts';
import { categoryId } from './rule-categories.ts';
import { findUpdate } from './updates.ts';

/** An update as lists show it. */
export interface UpdateSummary extends PagedUpdate {
  /** Titles of the products that it is for. */
  readonly products: readonly string[];
  readonly classifications: readonly string[];
  readonly approvals: readonly StoredApproval[];
}

/** What a list of updates is limited to; all of it must hold. */
interface UpdatesQuery extends Omit<UpdatesFilter, 'categories'> {
  /** A product, family or company with everything below it, by title or id. */
  readonly product?: string;
  /** By title or id. */
  readonly classification?: string;
}

/**
 * A page of updates with what was decided about them.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS for categories
 */
export async function viewUpdates(
  db: DbOrTx,
  { product, classification, ...filter }: UpdatesQuery,
  page: UpdatesPage,
): Promise<UpdateSummary[]> {
  const categories = await categoriesNamed(db, { product, classification });
  return summaries(db, await readUpdatesPage(db, { ...filter, categories }, page));
}

async function summaries(db: DbOrTx, updates: readonly PagedUpdate[]): Promise<UpdateSummary[]> {
  const numbers = updates.map((update) => update.number);
  const approvals = await listAllApprovals(db, numbers);
  const categories = await categoriesOfUpdates(db, numbers);
  return updates.map((update) => {
    const those = categories.get(update.number) ?? [];
    return {
      ...update,
      products: titles(those.filter((one) => !isClassification(one))),
      classifications: titles(those.filter(isClassification)),
      approvals: approvals.get(update.number) ?? [],
    };
  });
}

function titles(updates: readonly RelatedUpdate[]): string[] {
  return updates.map((one) => one.title);
}

function isClassification({ categoryType }: { readonly categoryType: string }): boolean {
  return categoryType === 'UpdateClassification';
}

async function categoriesNamed(
  db: DbOrTx,
  {
    product,
    classification,
  }: { readonly product?: string | undefined; readonly classification?: string | undefined },
): Promise<number[][]> {
  if (product === undefined && classification === undefined) return [];
  const known = await listCategories(db);
  const wanted = [
    { name: classification, among: known.filter(isClassification) },
    { name: product, among: known.filter((one) => !isClassification(one)) },
  ];
  const tree = await CategoryTree.read(db);
  const found: number[][] = [];
  for (const { name, among } of wanted) {
    if (name === undefined) continue;
    const id = categoryId(name, among);
    const number = (await numbersOfUpdates(db, [id])).get(id)!;
    found.push([...tree.below(number)]);
  }
  return found;
}

/** A file of an update, and whether it is here. */
interface UpdateFileView {
  readonly name: string;
  readonly size: number;
  readonly sha1: string;
  readonly sha256: string | null;
  readonly stored: boolean;
}

/** A driver in an update, for one hardware id. */
interface UpdateDriverView {
  readonly hardwareId: string;
  readonly driverClass: string;
  readonly provider: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly dateMs: number;
  /** Four numbers with dots. */
  readonly version: string;
}

/** Everything that is known of an update, by its newest published revision. */
interface UpdateDetails extends UpdateSummary {
  readonly description: string;
  readonly handler: string | null;
  readonly locallyPublished: boolean;
  /** Of the payload; `all` stands for a neutral one. */
  readonly languages: readonly string[];
  readonly categories: readonly RelatedCategory[];
  /** Clauses that must all hold; each does when one of its updates is installed. */
  readonly prerequisites: readonly (readonly RelatedUpdate[])[];
  readonly bundles: readonly RelatedUpdate[];
  readonly bundledBy: readonly RelatedUpdate[];
  readonly supersedes: readonly RelatedUpdate[];
  readonly supersededBy: readonly RelatedUpdate[];
  readonly files: readonly UpdateFileView[];
  readonly drivers: readonly UpdateDriverView[];
  readonly licence: UpdateLicence | null;
  readonly revisions: readonly Omit<StoredRevision, 'revisionId'>[];
}

/**
 * Everything that is known of one update.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS
 */
export async function showUpdate(db: DbOrTx, content: ContentStore, name: string): Promise<UpdateDetails> {
  const { number, updateId } = await findUpdate(db, name);
  const page: UpdatesPage = { sort: 'title', descending: false, limit: 1 };
  const [summary] = await summaries(db, await readUpdatesPage(db, { search: updateId }, page));
  if (summary === undefined)
    throw new OakumError('OAK_UPDATE_UNKNOWN', { detail: `Nothing fits "${name}".` });
  const document = parseUpdateDocument(await requireDocument(db, summary.revisionId));
  const { relations } = document;
  const title = await titlesIn(db, document);
  const withTitles = (ids: readonly UpdateId[]): RelatedUpdate[] =>
    ids.map((id) => ({ updateId: id, title: title.get(id) ?? '' }));
  return {
    ...summary,
    description: descriptionOf(document),
    handler: document.handler ?? null,
    locallyPublished: document.locallyPublished,
    languages: document.languages,
    categories: (await categoriesOfUpdates(db, [number])).get(number) ?? [],
    prerequisites: relations.prerequisites
      .filter((clause) => !clause.isCategory)
      .map((clause) => withTitles(clause.updateIds)),
    bundles: withTitles(relations.bundled.flat().map((member) => member.updateId)),
    bundledBy: await updatesThatSay(db, UpdateRelation.Bundle, number),
    supersedes: withTitles(relations.superseded),
    supersededBy: await updatesThatSay(db, UpdateRelation.Supersedence, number),
    files: await filesOf(document, content),
    drivers: document.drivers.map(driverView),
    licence: (await licenceOf(db, number)) ?? null,
    revisions: (await revisionsOf(db, number)).map(({ revisionNumber, importedMs }) => ({
      revisionNumber,
      importedMs,
    })),
  };
}

async function titlesIn(db: DbOrTx, { relations }: UpdateDocument): Promise<Map<UpdateId, string>> {
  const ids = new Set([
    ...relations.prerequisites.flatMap((clause) => clause.updateIds),
    ...relations.bundled.flat().map((member) => member.updateId),
    ...relations.superseded,
  ]);
  return titlesOfUpdates(db, [...ids]);
}

function descriptionOf({ texts, ...rest }: UpdateDocument): string {
  const asTitles = texts.map((text) => ({ ...text, title: text.description }));
  return titleOf({ ...rest, texts: asTitles }).trim();
}

async function filesOf({ files }: UpdateDocument, content: ContentStore): Promise<UpdateFileView[]> {
  const views: UpdateFileView[] = [];
  for (const { name, size, sha1, sha256 } of files) {
    const stored = (await content.stat(sha1)) !== undefined;
    const digests = { sha1: digestHex(sha1), sha256: sha256?.toString('hex') ?? null };
    views.push({ name, size, ...digests, stored });
  }
  return views;
}

function driverView(driver: UpdateDocument['drivers'][number]): UpdateDriverView {
  const { hardwareId, driverClass, provider, manufacturer, model, verDateMs, verVersion } = driver;
  const version = [48n, 32n, 16n, 0n].map((bits) => (verVersion >> bits) & 0xffffn).join('.');
  return { hardwareId, driverClass, provider, manufacturer, model, dateMs: verDateMs, version };
}

/** The document of an update as it was imported. */
interface UpdateText {
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  /** XML. */
  readonly document: string;
}

/**
 * The original document of an update's newest published revision, or of another one.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS
 */
export async function readUpdateText(db: DbOrTx, name: string, revisionNumber?: number): Promise<UpdateText> {
  const { number, updateId } = await findUpdate(db, name);
  const revisions = await revisionsOf(db, number);
  const found = revisions.find(
    (one) => revisionNumber === undefined || one.revisionNumber === revisionNumber,
  );
  if (found === undefined)
    throw new OakumError('OAK_UPDATE_UNKNOWN', { detail: `It has no revision ${revisionNumber}.` });
  const document = await requireDocument(db, found.revisionId);
  return { updateId, revisionNumber: found.revisionNumber, document: document.toString() };
}

async function requireDocument(db: DbOrTx, revisionId: number): Promise<Buffer> {
  const document = await readDocument(db, revisionId);
  if (document === undefined)
    throw new OakumError('OAK_INTERNAL', { detail: `Revision ${revisionId} has no document.` });
  return document;
}

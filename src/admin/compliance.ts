import { nearestNames } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { belongsTo } from '../fleet/compliance-scope.ts';
import { describeResult, parseResultCode, type DescribedResult } from '../fleet/result-codes.ts';
import { STATE_NAMES, type StateName, type StatusCounts } from '../fleet/status-state.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { listCategories } from '../store/category-list.ts';
import { CategoryTree } from '../store/category-tree.ts';
import { listGroups } from '../store/groups.ts';
import type { DbOrTx } from '../store/schema.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import {
  countSilentComputers,
  listFailures,
  listFailureTotals,
  listPendingReboots,
  listSilentComputers,
  type FailureTotals,
  type SilentComputer,
  type StatePair,
} from '../store/open-states.ts';
import type { KnownState, StatusComputer, StatusUpdate } from '../store/status-columns.ts';
import { listStatesOfComputer, listStatesOfUpdate } from '../store/status-lists.ts';
import {
  addSummaries,
  readComputerCounts,
  readSummaries,
  readUpdateCounts,
} from '../store/status-summaries.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { numbersOfUpdates } from '../store/update-numbers.ts';
import { listUpdateTotals, type UpdateTotals } from '../store/update-totals.ts';
import { categoriesNamed, chooseSets, isKind, type ComplianceScope } from './compliance-scope.ts';
import { ofComputers, ofUpdates, type ComplianceSummary } from './compliance-summary.ts';
import { findComputer } from './computers.ts';
import { findUpdate } from './updates.ts';

/** A summary of one group, product or classification. */
export interface NamedSummary extends ComplianceSummary {
  readonly id: string;
  readonly name: string;
}

export interface StateQuery extends ListPage {
  /** As people write them; all when left out. */
  readonly states?: readonly string[];
}

/** What is known of a pair, with the words for a failure's code. */
export interface StateView extends KnownState {
  readonly result: DescribedResult | null;
}

/**
 * How many updates are in each state on a computer.
 *
 * @throws OakumError OAK_COMPUTER_UNKNOWN
 */
export async function computerCompliance(db: DbOrTx, computer: string): Promise<StatusCounts> {
  const known = await readComputerCounts(db, computer.trim().toLowerCase());
  if (known !== undefined) return known;
  const { client_id: clientId } = await findComputer(db, computer);
  return (await readComputerCounts(db, clientId))!;
}

/** The updates behind {@link computerCompliance}. */
export async function computerStates(
  db: DbOrTx,
  computer: string,
  { states, ...page }: StateQuery,
): Promise<ListPart<StatusUpdate & StateView>> {
  const filter = states === undefined ? {} : { states: states.map(stateNamed) };
  const clientId = await clientIdNamed(db, computer);
  return withResults(await listStatesOfComputer(db, clientId, { ...page, ...filter }));
}

/** A whole client id is known without looking through a hundred thousand names. */
async function clientIdNamed(db: DbOrTx, computer: string): Promise<string> {
  const clientId = computer.trim().toLowerCase();
  const known = await readComputerCounts(db, clientId);
  return known === undefined ? (await findComputer(db, computer)).client_id : clientId;
}

/** How many computers an update is in each state on; all zero when it does not count. */
export interface UpdateCompliance extends StatusCounts {
  readonly updateId: string;
  readonly title: string;
  readonly kbArticles: readonly string[];
  readonly declined: boolean;
}

/**
 * How many computers are in each state with an update.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS; OAK_UPDATE_NOT_DEPLOYABLE for what is
 *   installed for the sake of others only, OAK_UPDATE_DECLINED
 */
export async function updateCompliance(db: DbOrTx, name: string): Promise<UpdateCompliance> {
  const update = await countedUpdate(db, name);
  const counts = (await readUpdateCounts(db, update.number))!;
  const { updateId, title, kbArticles, declined } = update;
  return { updateId, title, kbArticles, declined, ...counts };
}

/** The computers behind {@link updateCompliance}. */
export async function updateStates(
  db: DbOrTx,
  name: string,
  { states, ...page }: StateQuery,
): Promise<ListPart<StatusComputer & StateView>> {
  const filter = states === undefined ? {} : { states: states.map(stateNamed) };
  const { number } = await countedUpdate(db, name);
  return withResults(await listStatesOfUpdate(db, number, { ...page, ...filter }));
}

async function countedUpdate(db: DbOrTx, name: string): Promise<ListedUpdate> {
  const update = await findUpdate(db, name);
  const detail = `"${update.title}" (${update.updateId}).`;
  if (update.declined) throw new OakumError('OAK_UPDATE_DECLINED', { detail });
  if (!update.deployable) throw new OakumError('OAK_UPDATE_NOT_DEPLOYABLE', { detail });
  return update;
}

/** How things stand for everybody, a group, a product or a classification. */
export async function complianceSummary(
  db: DbOrTx,
  scope: ComplianceScope,
  targeting: TargetingMode,
): Promise<ComplianceSummary> {
  const summaries = await readSummaries(db);
  const chosen = await chooseSets(db, scope, targeting);
  return chosen.kind === 'group'
    ? ofComputers(summaries, addSummaries(summaries.placements.filter(chosen.has)))
    : ofUpdates(summaries, addSummaries(summaries.categorySets.filter(chosen.has)));
}

/** How things stand for each group, product or classification that has anything. */
export async function complianceBy(
  db: DbOrTx,
  by: 'group' | 'product' | 'classification',
  targeting: TargetingMode,
): Promise<NamedSummary[]> {
  const summaries = await readSummaries(db);
  if (by === 'group') {
    const groups = await listGroups(db);
    return groups.map(({ id, name }) => {
      const placements = summaries.placements.filter((one) => belongsTo(one, id, { groups, targeting }));
      return { id, name, ...ofComputers(summaries, addSummaries(placements)) };
    });
  }
  const categories = (await listCategories(db)).filter((one) => isKind(one, by));
  const ids = categories.map((one) => one.updateId);
  const numbers = await numbersOfUpdates(db, ids);
  const tree = await CategoryTree.read(db);
  return categories
    .map(({ updateId, title }) => {
      const below = tree.below(numbers.get(updateId)!);
      const sets = summaries.categorySets.filter((set) => set.categories.some((one) => below.has(one)));
      return { id: updateId, name: title, ...ofUpdates(summaries, addSummaries(sets)) };
    })
    .filter((one) => one.updates > 0)
    .sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** Whose updates are summed up: sums of groups are not kept. */
export interface UpdateTotalsQuery extends Omit<ComplianceScope, 'group'>, ListPage {
  readonly cve?: string;
}

/** Updates that computers reported, those that most of them lack first. */
export async function updateTotals(
  db: DbOrTx,
  { product, classification, cve, ...page }: UpdateTotalsQuery,
): Promise<ListPart<UpdateTotals>> {
  const categories = await categoriesNamed(db, {
    ...(product === undefined ? {} : { product }),
    ...(classification === undefined ? {} : { classification }),
  });
  return listUpdateTotals(db, {
    ...page,
    ...(categories === undefined ? {} : { categories: [...categories] }),
    ...(cve === undefined ? {} : { cve: cve.trim().toUpperCase() }),
  });
}

/** A code with which updates are failed now, and what it means. */
export type FailureView = FailureTotals & DescribedResult;

export async function failureTotals(db: DbOrTx): Promise<FailureView[]> {
  const totals = await listFailureTotals(db);
  return totals.map((one) => ({ ...one, ...describeResult(one.hresult) }));
}

/**
 * Failed updates with their computers, of one code when it is given.
 *
 * @throws OakumError OAK_RESULT_CODE_UNKNOWN
 */
export async function failures(
  db: DbOrTx,
  { code, ...page }: { readonly code?: string } & ListPage,
): Promise<ListPart<StatePair & StateView>> {
  const filter = code === undefined ? {} : { hresult: codeNamed(code) };
  return withResults(await listFailures(db, { ...page, ...filter }));
}

function codeNamed(text: string): number {
  const code = parseResultCode(text);
  if (code === undefined) throw new OakumError('OAK_RESULT_CODE_UNKNOWN', { detail: `"${text}".` });
  return code;
}

export function pendingReboots(db: DbOrTx, page: ListPage): Promise<ListPart<StatePair>> {
  return listPendingReboots(db, page);
}

/** Computers that have reported nothing since a time, or never. */
export function silentComputers(
  db: DbOrTx,
  query: { readonly beforeMs: number } & ListPage,
): Promise<ListPart<SilentComputer>> {
  return listSilentComputers(db, query);
}

/** How many {@link silentComputers} there are. */
export function countSilent(db: DbOrTx, beforeMs: number): Promise<number> {
  return countSilentComputers(db, beforeMs);
}

function withResults<Row extends KnownState>(part: ListPart<Row>): ListPart<Row & StateView> {
  const items = part.items.map((row) => ({
    ...row,
    result: row.hresult === null ? null : describeResult(row.hresult),
  }));
  return { ...part, items };
}

/**
 * A state as people write it: in any case, with or without hyphens.
 *
 * @throws OakumError OAK_STATE_UNKNOWN
 */
function stateNamed(text: string): StateName {
  const wanted = text.replaceAll(/[-\s]/g, '').toLowerCase();
  const found = STATE_NAMES.find((name) => name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const [nearest] = nearestNames(text, STATE_NAMES);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  throw new OakumError('OAK_STATE_UNKNOWN', { detail: `"${text}".${hint}` });
}

import { nearestNames } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { belongsTo } from '../fleet/compliance-scope.ts';
import { describeResult, type DescribedResult } from '../fleet/result-codes.ts';
import { STATE_NAMES, type StateName, type StatusCounts } from '../fleet/status-state.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { listCategories } from '../store/category-list.ts';
import { CategoryTree } from '../store/category-tree.ts';
import { listGroups } from '../store/groups.ts';
import type { DbOrTx } from '../store/schema.ts';
import {
  listFailures,
  listFailureTotals,
  listPendingReboots,
  listSilentComputers,
  listStatesOfComputer,
  listStatesOfUpdate,
  listUpdateTotals,
  type FailureTotals,
  type KnownState,
  type SilentComputer,
  type StatePair,
  type StatusComputer,
  type StatusUpdate,
  type UpdateTotals,
} from '../store/status-lists.ts';
import {
  addSummaries,
  readComputerCounts,
  readSummaries,
  readUpdateCounts,
} from '../store/status-summaries.ts';
import { numbersOfUpdates } from '../store/update-numbers.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { categoriesNamed, chooseSets, isKind, type ComplianceScope } from './compliance-scope.ts';
import { ofComputers, ofUpdates, type ComplianceSummary } from './compliance-summary.ts';
import { findComputer } from './computers.ts';
import { findUpdate } from './updates.ts';

/** A summary of one group, product or classification. */
export interface NamedSummary extends ComplianceSummary {
  readonly id: string;
  readonly name: string;
}

export interface StateQuery {
  /** All when left out. */
  readonly states?: readonly string[];
  readonly limit: number;
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
  query: StateQuery,
): Promise<(StatusUpdate & StateView)[]> {
  const states = query.states?.map(stateNamed);
  const rows = await listStatesOfComputer(db, await clientIdNamed(db, computer), {
    limit: query.limit,
    ...(states === undefined ? {} : { states }),
  });
  return rows.map(withResult);
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
  query: StateQuery,
): Promise<(StatusComputer & StateView)[]> {
  const states = query.states?.map(stateNamed);
  const update = await countedUpdate(db, name);
  const rows = await listStatesOfUpdate(db, update.number, {
    limit: query.limit,
    ...(states === undefined ? {} : { states }),
  });
  return rows.map(withResult);
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

export interface UpdateTotalsQuery extends ComplianceScope {
  readonly cve?: string;
  readonly limit: number;
}

/** Updates that computers reported, those that most of them lack first. */
export async function updateTotals(db: DbOrTx, query: UpdateTotalsQuery): Promise<UpdateTotals[]> {
  const categories = await categoriesNamed(db, query);
  return listUpdateTotals(db, {
    limit: query.limit,
    ...(categories === undefined ? {} : { categories: [...categories] }),
    ...(query.cve === undefined ? {} : { cve: query.cve.trim().toUpperCase() }),
  });
}

/** A code with which updates are failed now, and what it means. */
export type FailureView = FailureTotals & DescribedResult;

export async function failureTotals(db: DbOrTx, limit: number): Promise<FailureView[]> {
  const totals = await listFailureTotals(db, limit);
  return totals.map((one) => ({ ...one, ...describeResult(one.hresult) }));
}

/** Failed updates with their computers, of one code when it is given. */
export async function failures(
  db: DbOrTx,
  query: { readonly hresult?: number; readonly limit: number },
): Promise<(StatePair & StateView)[]> {
  return (await listFailures(db, query)).map(withResult);
}

export function pendingReboots(db: DbOrTx, limit: number): Promise<StatePair[]> {
  return listPendingReboots(db, limit);
}

/** Computers that have reported nothing since a time, or never. */
export function silentComputers(
  db: DbOrTx,
  query: { readonly beforeMs: number; readonly limit: number },
): Promise<{ readonly count: number; readonly computers: readonly SilentComputer[] }> {
  return listSilentComputers(db, query.beforeMs, query.limit);
}

function withResult<Row extends KnownState>(row: Row): Row & StateView {
  return { ...row, result: row.hresult === null ? null : describeResult(row.hresult) };
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

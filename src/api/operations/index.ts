import type { AnyOperation } from '../operation.ts';
import { PLAIN_ROUTES } from '../plain-routes.ts';
import { accounts } from './accounts.ts';
import { approvalRequests } from './approval-requests.ts';
import { approvals } from './approvals.ts';
import { audit } from './audit.ts';
import { backups } from './backups.ts';
import { batchOver } from './batch.ts';
import { categories } from './categories.ts';
import { compliance } from './compliance.ts';
import { computers } from './computers.ts';
import { content } from './content.ts';
import { deliveries } from './deliveries.ts';
import { doctor } from './doctor.ts';
import { events } from './events.ts';
import { findings } from './findings.ts';
import { groupRules } from './group-rules.ts';
import { groups } from './groups.ts';
import { housekeeping } from './housekeeping.ts';
import { imports } from './imports.ts';
import { jobs } from './jobs.ts';
import { licences } from './licences.ts';
import { notificationEvents } from './notification-events.ts';
import { policy } from './policy.ts';
import { rings } from './rings.ts';
import { rollouts } from './rollouts.ts';
import { rules } from './rules.ts';
import { settings } from './settings.ts';
import { subscriptions } from './subscriptions.ts';
import { tokens } from './tokens.ts';
import { updates } from './updates.ts';

const OF_NOUNS: readonly AnyOperation[] = [
  accounts,
  tokens,
  subscriptions,
  deliveries,
  notificationEvents,
  approvalRequests,
  groups,
  jobs,
  computers,
  groupRules,
  compliance,
  events,
  findings,
  doctor,
  updates,
  approvals,
  licences,
  categories,
  content,
  imports,
  rules,
  rings,
  rollouts,
  housekeeping,
  backups,
  audit,
  settings,
  policy,
].flatMap((noun) => Object.values<AnyOperation>(noun));

/** Every operation there is: routes, OpenAPI, scopes and tests go through this list. */
export const OPERATIONS: readonly AnyOperation[] = [...OF_NOUNS, batchOver(OF_NOUNS)];

/** The nouns that scopes of tokens may name. What a session is about is for everybody who is signed in. */
export const NOUNS: readonly string[] = [
  ...new Set(
    [...OPERATIONS, ...PLAIN_ROUTES.filter(({ role }) => role !== 'anybody')].map(
      (operation) => operation.id.split('.', 1)[0] ?? '',
    ),
  ),
].filter((noun) => noun !== 'session');

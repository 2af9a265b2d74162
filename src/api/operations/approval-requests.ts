import { Type } from 'typebox';
import {
  confirmApproval,
  rejectApproval,
  showApprovalRequest,
  viewApprovalRequests,
} from '../../admin/second-person.ts';
import { APPROVAL_REQUEST_STATES } from '../../store/approval-requests.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOf } from '../page.ts';
import { dryRun, updateOf } from '../schemas.ts';
import { APPROVAL_REQUEST, exampleRequest } from './approval-request-schema.ts';
import { APPROVAL_OUTCOME, APPROVE_ERRORS } from './approvals.ts';

const request = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The number of a request.',
});

const list = defineList({
  id: 'approvalRequests.list',
  path: '/approval-requests',
  role: 'reader',
  summary: 'Lists approvals that wait for a second person, or did; the newest first',
  input: Type.Object({ state: Type.Optional(Type.Enum([...APPROVAL_REQUEST_STATES])) }),
  item: APPROVAL_REQUEST,
  sorts: ['id'],
  usualSort: '-id',
  example: { input: { state: 'waiting' }, result: exampleRequest },
  async read({ db, nowMs }, input, page) {
    const [after] = page.after ?? [];
    const found = await viewApprovalRequests(db, {
      ...input,
      nowMs,
      descending: page.descending,
      limit: page.limit + 1,
      ...(typeof after === 'number' ? { after } : {}),
    });
    return pageOf(found, page, (one) => [one.id]);
  },
});

const show = defineRead({
  id: 'approvalRequests.show',
  method: 'GET',
  path: '/approval-requests/{request}',
  role: 'reader',
  summary: 'Shows an approval that waits for a second person, or did',
  input: Type.Object({ request }),
  result: APPROVAL_REQUEST,
  errors: ['OAK_APPROVAL_REQUEST_UNKNOWN'],
  example: { input: { request: 7 }, result: exampleRequest },
  run: ({ db, nowMs }, input) => showApprovalRequest(db, input.request, nowMs),
});

const confirm = defineChange({
  id: 'approvalRequests.confirm',
  method: 'POST',
  path: '/approval-requests/{request}/confirm',
  role: 'operator',
  summary: 'Approves what somebody else asked for',
  input: Type.Object({ request, dryRun }),
  result: Type.Object({ ...APPROVAL_OUTCOME, request: APPROVAL_REQUEST }),
  shownBy: show,
  errors: [
    'OAK_APPROVAL_REQUEST_UNKNOWN',
    'OAK_APPROVAL_REQUEST_DECIDED',
    'OAK_SECOND_PERSON',
    ...APPROVE_ERRORS,
  ],
  example: {
    input: { request: 7 },
    result: {
      updates: exampleRequest.updates,
      warnings: [],
      request: { ...exampleRequest, state: 'confirmed', decidedBy: 'robin', decidedMs: 1_795_000_000_000 },
    },
  },
  async run({ db, principal, nowMs }, { request: id, ...input }) {
    const { updates, ...confirmed } = await confirmApproval(db, principal, { ...input, id, nowMs });
    return { ...confirmed, updates: updates.map(updateOf) };
  },
});

const reject = defineChange({
  id: 'approvalRequests.reject',
  method: 'POST',
  path: '/approval-requests/{request}/reject',
  role: 'operator',
  summary: 'Lets an approval that was asked for be; also for whoever asked',
  input: Type.Object({ request, dryRun }),
  result: APPROVAL_REQUEST,
  shownBy: show,
  errors: ['OAK_APPROVAL_REQUEST_UNKNOWN', 'OAK_APPROVAL_REQUEST_DECIDED'],
  example: {
    input: { request: 7 },
    result: { ...exampleRequest, state: 'rejected', decidedBy: 'robin', decidedMs: 1_795_000_000_000 },
  },
  run: ({ db, principal, nowMs }, { request: id, ...input }) =>
    rejectApproval(db, principal, { ...input, id, nowMs }),
});

export const approvalRequests = { list, show, confirm, reject };

import { Type } from 'typebox';
import { ALL_COMPUTERS } from '../../fleet/server-state.ts';
import { APPROVAL_REQUEST_STATES } from '../../store/approval-requests.ts';
import { textOrNull, time, timeOrNever, UPDATE } from '../schemas.ts';
import { action, exampleUpdate } from './update-schemas.ts';

/** An approval that somebody asked for, and that somebody else decides about. */
export const APPROVAL_REQUEST = Type.Object({
  id: Type.Integer({ description: 'Its number.' }),
  updates: Type.Array(UPDATE, { description: 'As they were when it was asked for.' }),
  groups: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  action: action(),
  deadlineMs: timeOrNever(),
  acceptLicence: Type.Boolean(),
  state: Type.Enum([...APPROVAL_REQUEST_STATES]),
  requestedBy: Type.String(),
  requestedMs: time(),
  expiresMs: time('When nobody can confirm it any more.'),
  decidedBy: textOrNull(),
  decidedMs: timeOrNever(),
});

export const exampleRequest = {
  id: 7,
  updates: [exampleUpdate],
  groups: [{ id: ALL_COMPUTERS, name: 'All Computers' }],
  action: 'Install' as const,
  deadlineMs: null,
  acceptLicence: false,
  state: 'waiting' as const,
  requestedBy: 'kim',
  requestedMs: 1_794_996_000_000,
  expiresMs: 1_795_600_800_000,
  decidedBy: null,
  decidedMs: null,
};

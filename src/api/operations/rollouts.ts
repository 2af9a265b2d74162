import { Type } from 'typebox';
import { viewRollouts } from '../../admin/rings.ts';
import {
  pauseAll as stopEverything,
  pauseRollouts,
  resumeRollouts,
  rollBackRollouts,
  startRollouts,
} from '../../admin/rollouts.ts';
import { HALT_KINDS } from '../../fleet/rollout-ring.ts';
import { sortNames } from '../../store/keyset.ts';
import { ROLLOUT_SORTS, ROLLOUT_STATES } from '../../store/rings.ts';
import type { ListedUpdate } from '../../store/update-list.ts';
import { defineChange, defineList, type Output } from '../operation.ts';
import { count, dryRun, named, UPDATE, updateName, updateOf } from '../schemas.ts';
import { UPDATE_EXAMPLE } from './status-schemas.ts';

const ring = named('What the ring is called.');
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const REASON = Type.Object({
  kind: Type.Enum([...HALT_KINDS]),
  group: Type.Optional(Type.String({ description: 'Where too many failed.' })),
  failed: Type.Optional(count()),
  results: Type.Optional(count()),
  limit: Type.Optional(share('Of the results, so many may be failures.')),
  codes: Type.Optional(
    Type.Array(Type.Object({ hresult: Type.Integer(), computers: count() }), {
      description: 'Most frequent first.',
    }),
  ),
});

const STEP = Type.Object({
  group: Type.String(),
  approved: Type.Boolean(),
  counts: Type.Optional(
    Type.Object(
      {
        installed: count(),
        failed: count(),
        needed: count('Needed, downloaded or waiting for a restart.'),
        unknown: count('Computers that have not said yet.'),
      },
      { description: 'How the update stands there; left out before it is approved.' },
    ),
  ),
});

const NEXT = Type.Union(
  [
    Type.Null(),
    Type.Object({ kind: Type.Literal('approve'), step: count() }),
    Type.Object({ kind: Type.Literal('halt'), reason: REASON }),
    Type.Object({ kind: Type.Literal('finish') }),
    Type.Object({ kind: Type.Literal('wait'), why: Type.Literal('time'), untilMs: Type.Number() }),
    Type.Object({
      kind: Type.Literal('wait'),
      why: Type.Literal('success'),
      share: share('Of the computers that want the update, so many have it.'),
      needed: share('So many must have it.'),
    }),
  ],
  { description: 'What it waits for or does next; null for one that does not go on by itself.' },
);

const ROLLOUT = Type.Object({
  ring: Type.String(),
  updateId: Type.String(),
  title: Type.String({ description: 'Empty for an update that is gone.' }),
  state: Type.Enum([...ROLLOUT_STATES]),
  reason: Type.Union([REASON, Type.Null()], { description: 'Why it halted.' }),
  startedMs: Type.Integer(),
  startedBy: Type.String(),
  steps: Type.Array(STEP),
  next: NEXT,
});

export type AnsweredRollout = Output<typeof ROLLOUT>;

const UPDATES = Type.Object({ updates: Type.Array(UPDATE) });
export type ChangedUpdates = Output<typeof UPDATES>;
const someUpdates = Type.Array(updateName, { minItems: 1, maxItems: 1000 });

const updatesOf = (updates: readonly ListedUpdate[]): ChangedUpdates => ({
  updates: updates.map(updateOf),
});

const { updateId, title } = UPDATE_EXAMPLE;
const someExample = {
  input: { updates: ['KB5066835'] },
  result: { updates: [{ updateId, revisionNumber: 200, title }] },
};

const list = defineList({
  id: 'rollouts.list',
  path: '/rollouts',
  role: 'reader',
  summary: 'Lists updates on their way through rings: how far they are, what they wait for, why they halted',
  input: Type.Object({
    ring: Type.Optional(ring),
    update: Type.Optional(updateName),
    state: Type.Optional(Type.Enum([...ROLLOUT_STATES])),
  }),
  item: ROLLOUT,
  sorts: sortNames(ROLLOUT_SORTS),
  usualSort: ROLLOUT_SORTS.usual,
  errors: ['OAK_RING_UNKNOWN', 'OAK_UPDATE_UNKNOWN', 'OAK_UPDATE_AMBIGUOUS'],
  example: {
    input: { ring: 'Slow', state: 'running' },
    result: {
      ring: 'Slow',
      ...{ updateId, title, state: 'running', reason: null },
      ...{ startedMs: 1_794_996_000_000, startedBy: 'kim' },
      steps: [
        { group: 'Pilot', approved: true, counts: { installed: 8, failed: 0, needed: 3, unknown: 1 } },
        { group: 'All Computers', approved: false },
      ],
      next: { kind: 'wait', why: 'success', share: 0.67, needed: 0.9 },
    },
  },
  read({ db, house, nowMs }, { state, ...filter }, page) {
    const { targeting } = house.configuration();
    return viewRollouts(db, {
      ...filter,
      ...page,
      ...{ nowMs, targeting },
      ...(state === undefined ? {} : { states: [state] }),
    });
  },
});

const start = defineChange({
  id: 'rollouts.start',
  method: 'POST',
  path: '/rollouts',
  role: 'operator',
  status: 201,
  summary: 'Sends updates through a ring',
  description: 'The first group is approved at once unless the ring says otherwise.',
  input: Type.Object({
    ring,
    updates: someUpdates,
    acceptLicence: Type.Optional(
      Type.Boolean({ description: 'Accept the licences of these updates on behalf of all users.' }),
    ),
    dryRun,
  }),
  result: UPDATES,
  errors: [
    'OAK_RING_UNKNOWN',
    'OAK_UPDATE_UNKNOWN',
    'OAK_UPDATE_AMBIGUOUS',
    'OAK_UPDATE_NOT_DEPLOYABLE',
    'OAK_UPDATE_DECLINED',
    'OAK_UPDATE_EXPIRED',
    'OAK_LICENCE_NOT_ACCEPTED',
    'OAK_ROLLOUT_STATE',
  ],
  example: { input: { ring: 'Slow', ...someExample.input }, result: someExample.result },
  async run({ db, principal, house, nowMs }, input) {
    const { targeting } = house.configuration();
    return updatesOf(await startRollouts(db, principal, { ...input, targeting, nowMs }));
  },
});

const ON_THEIR_WAY = [
  'OAK_UPDATE_UNKNOWN',
  'OAK_UPDATE_AMBIGUOUS',
  'OAK_ROLLOUT_UNKNOWN',
  'OAK_ROLLOUT_STATE',
] as const;

const pause = defineChange({
  id: 'rollouts.pause',
  method: 'POST',
  path: '/rollouts/pause',
  role: 'operator',
  summary: 'Stops updates on their way: no further step, and who has not installed yet does not',
  input: Type.Object({ updates: someUpdates, dryRun }),
  result: UPDATES,
  errors: ON_THEIR_WAY,
  example: someExample,
  run: async ({ db, principal, nowMs }, input) =>
    updatesOf(await pauseRollouts(db, principal, { ...input, nowMs })),
});

const resume = defineChange({
  id: 'rollouts.resume',
  method: 'POST',
  path: '/rollouts/resume',
  role: 'operator',
  summary: 'Lets updates go on that were paused or have halted',
  description: 'Failures that are there now do not halt them again; more of them do.',
  input: Type.Object({ updates: someUpdates, dryRun }),
  result: UPDATES,
  errors: ON_THEIR_WAY,
  example: someExample,
  async run({ db, principal, house, nowMs }, input) {
    const { targeting } = house.configuration();
    return updatesOf(await resumeRollouts(db, principal, { ...input, targeting, nowMs }));
  },
});

const rollBack = defineChange({
  id: 'rollouts.rollBack',
  method: 'POST',
  path: '/rollouts/roll-back',
  role: 'operator',
  summary: 'Takes back what updates were approved for on their way',
  input: Type.Object({
    updates: someUpdates,
    uninstall: Type.Optional(
      Type.Boolean({ description: 'And have them uninstalled where they were approved.' }),
    ),
    dryRun,
  }),
  result: UPDATES,
  errors: [...ON_THEIR_WAY, 'OAK_UPDATE_NOT_UNINSTALLABLE'],
  example: someExample,
  run: async ({ db, principal, nowMs }, input) =>
    updatesOf(await rollBackRollouts(db, principal, { ...input, nowMs })),
});

const EVERYTHING = Type.Object({
  paused: Type.Boolean(),
  rollouts: count('Updates on their way that stop, or go on.'),
});

const pauseAll = defineChange({
  id: 'rollouts.pauseAll',
  method: 'POST',
  path: '/rollouts/pause-all',
  role: 'operator',
  summary: 'Stops everything that goes on by itself: every ring, and every rule that approves',
  input: Type.Object({ dryRun }),
  result: EVERYTHING,
  example: { input: {}, result: { paused: true, rollouts: 3 } },
  run: ({ db, principal, nowMs }, input) => stopEverything(db, principal, { ...input, paused: true, nowMs }),
});

const resumeAll = defineChange({
  id: 'rollouts.resumeAll',
  method: 'POST',
  path: '/rollouts/resume-all',
  role: 'operator',
  summary: 'Lets everything go on that goes on by itself',
  input: Type.Object({ dryRun }),
  result: EVERYTHING,
  example: { input: {}, result: { paused: false, rollouts: 3 } },
  run: ({ db, principal, nowMs }, input) => stopEverything(db, principal, { ...input, paused: false, nowMs }),
});

export const rollouts = { list, start, pause, resume, rollBack, pauseAll, resumeAll };

import { Type } from 'typebox';
import { createRing, removeRing, showRing, viewRings } from '../../admin/rings.ts';
import { requireMayReach } from '../../admin/second-person.ts';
import { ROLLOUT_RING } from '../../fleet/rollout-ring.ts';
import { answered } from '../derived-schemas.ts';
import { defineChange, defineList, defineRead, type Output } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, dryRun, named } from '../schemas.ts';

const RING_VIEW = Type.Object({
  name: Type.String(),
  ...answered(ROLLOUT_RING.properties),
  open: count('Updates that are on their way through it.'),
});

export type AnsweredRing = Output<typeof RING_VIEW>;

const ring = named('What the ring is called.');

const steps = [
  { group: 'Pilot', afterHours: 0, minSuccess: 0.9, maxFailure: 0.05, minResults: 10 },
  {
    group: 'All Computers',
    afterHours: 48,
    minSuccess: 0.9,
    maxFailure: 0.1,
    minResults: 1,
    deadlineDays: 7,
  },
];
const slow = { name: 'Slow', action: 'install' as const, steps, open: 1 };

const list = defineList({
  id: 'rings.list',
  path: '/rings',
  role: 'reader',
  summary: 'Lists rings: the groups that updates go through one after the other',
  input: Type.Object({}),
  item: RING_VIEW,
  sorts: ['name', 'open'],
  example: { input: {}, result: slow },
  async read({ db }, _input, page) {
    return pageOfAll(await viewRings(db), page, (one) => one.name);
  },
});

const show = defineRead({
  id: 'rings.show',
  method: 'GET',
  path: '/rings/{ring}',
  role: 'reader',
  summary: 'Shows a ring',
  input: Type.Object({ ring }),
  result: RING_VIEW,
  errors: ['OAK_RING_UNKNOWN'],
  example: { input: { ring: 'Slow' }, result: slow },
  run: ({ db }, input) => showRing(db, input.ring),
});

const create = defineChange({
  id: 'rings.create',
  method: 'POST',
  path: '/rings',
  role: 'operator',
  status: 201,
  summary: 'Creates a ring, or puts it in the place of another one',
  input: Type.Object({
    name: ring,
    ...ROLLOUT_RING.properties,
    replace: Type.Optional(
      Type.Boolean({
        description: 'In the place of the ring of this name; updates on their way go on as they began.',
      }),
    ),
    dryRun,
  }),
  result: RING_VIEW,
  errors: ['OAK_RING_INVALID', 'OAK_RING_EXISTS', 'OAK_GROUP_UNKNOWN'],
  example: { input: { name: 'Slow', action: 'install', steps }, result: { ...slow, open: 0 } },
  async run({ db, principal, house, nowMs }, { name, replace = false, dryRun: isDryRun = false, ...said }) {
    const groups = said.steps.map((step) => step.group);
    await requireMayReach(db, principal, { groups, action: 'Install' }, house.configuration());
    return createRing(db, principal, { name, ring: said, replace, dryRun: isDryRun, nowMs });
  },
});

const remove = defineChange({
  id: 'rings.remove',
  method: 'DELETE',
  path: '/rings/{ring}',
  role: 'operator',
  summary: 'Removes a ring with the history of its rollouts; what they approved stays approved',
  input: Type.Object({ ring, dryRun }),
  result: RING_VIEW,
  shownBy: show,
  errors: ['OAK_RING_UNKNOWN', 'OAK_ROLLOUT_STATE'],
  example: { input: { ring: 'Slow' }, result: { ...slow, open: 0 } },
  run({ db, principal, nowMs }, { ring: name, dryRun: isDryRun = false }) {
    return removeRing(db, principal, { name, dryRun: isDryRun, nowMs });
  },
});

export const rings = { list, show, create, remove };

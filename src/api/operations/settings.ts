import { Type } from 'typebox';
import {
  setSetting,
  unsetSetting,
  viewSetting,
  viewSettings,
  type SettingRequest,
} from '../../admin/settings.ts';
import type { StoredSetting } from '../../store/settings.ts';
import { defineChange, defineList, defineRead, type OperationContext } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { dryRun } from '../schemas.ts';

const key = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'A setting, such as sync.pageUpdates.',
});
const VALUE = Type.Unknown({ description: 'A text, a whole number, or true or false.' });

const STORED = Type.Object({
  value: VALUE,
  changedMs: Type.Integer(),
  caller: Type.String(),
});

const SETTING = Type.Object({
  key: Type.String(),
  description: Type.String(),
  default: VALUE,
  expected: Type.String({ description: 'What a value looks like.' }),
  storable: Type.Boolean({ description: 'Whether it may be kept in the store, and set from afar.' }),
  value: Type.Unknown({ description: 'What the server that is asked goes by.' }),
  source: Type.String({ description: 'Where it has it from: default, store, file, environment or flag.' }),
  stored: Type.Union([STORED, Type.Null()], {
    description: 'What the store says; it counts unless the file, the environment or a flag says otherwise.',
  }),
  restartNeeded: Type.Boolean({
    description: 'The store says something else than the server read when it started.',
  }),
});

const CHANGED = Type.Object({ key: Type.String(), ...STORED.properties });

const OVERRIDE = Type.Union([Type.Object({ source: Type.String(), value: VALUE }), Type.Null()], {
  description: 'What counts in its place in the server that was asked: its file, environment or flags.',
});

const stored = { value: 100, changedMs: 1_794_996_000_000, caller: 'kim' };
const example = {
  key: 'sync.pageUpdates',
  description: 'Updates in one SyncUpdates answer. The specification says 200.',
  default: 200,
  expected: 'a whole number from 1 to 10000',
  storable: true,
  value: 200,
  source: 'default',
  stored,
  restartNeeded: true,
};

const list = defineList({
  id: 'settings.list',
  path: '/settings',
  role: 'reader',
  summary: 'Lists all settings: what the server goes by, where it has it from, and what the store says',
  input: Type.Object({}),
  item: SETTING,
  sorts: ['key', 'source'],
  example: { input: {}, result: example },
  async read({ db, house }, _input, page) {
    const all = await viewSettings(db, house.settingsTable, house.configuration().running);
    return pageOfAll(all, page, (one) => one.key);
  },
});

const show = defineRead({
  id: 'settings.show',
  method: 'GET',
  path: '/settings/{key}',
  role: 'reader',
  summary: 'Shows a setting',
  input: Type.Object({ key }),
  result: SETTING,
  errors: ['OAK_SETTING_UNKNOWN'],
  example: { input: { key: 'sync.pageUpdates' }, result: example },
  run: ({ db, house }, input) =>
    viewSetting(db, house.settingsTable, house.configuration().running, input.key),
});

const set = defineChange({
  id: 'settings.set',
  method: 'PUT',
  path: '/settings/{key}',
  role: 'administrator',
  summary: 'Keeps a setting in the store, for every server of it, from its next start on',
  input: Type.Object({
    key,
    value: Type.Union([Type.Boolean(), Type.Integer(), Type.String({ maxLength: 10_000 })], {
      description: 'A text is read as the type of the setting.',
    }),
    dryRun,
  }),
  result: Type.Object({ ...CHANGED.properties, override: OVERRIDE }),
  shownBy: show,
  errors: ['OAK_SETTING_UNKNOWN', 'OAK_SETTING_INVALID', 'OAK_SETTING_NOT_STORED'],
  example: {
    input: { key: 'sync.pageUpdates', value: 100 },
    result: { key: 'sync.pageUpdates', ...stored, override: null },
  },
  async run(context, input) {
    const changed = await setSetting(...inHouse(context), { ...input, nowMs: context.nowMs });
    return { ...changed, override: overrideOf(context, input.key) };
  },
});

const unset = defineChange({
  id: 'settings.unset',
  method: 'DELETE',
  path: '/settings/{key}',
  role: 'administrator',
  summary: 'Takes a setting out of the store again',
  description: 'Also one that this version does not know.',
  input: Type.Object({ key, dryRun }),
  result: Type.Object({
    removed: Type.Union([CHANGED, Type.Null()], { description: 'What was stored; null for nothing.' }),
    override: OVERRIDE,
  }),
  errors: ['OAK_SETTING_UNKNOWN'],
  example: {
    input: { key: 'sync.pageUpdates' },
    result: { removed: { key: 'sync.pageUpdates', ...stored }, override: null },
  },
  async run(context, input) {
    const removed: StoredSetting | undefined = await unsetSetting(...inHouse(context), {
      ...input,
      nowMs: context.nowMs,
    } satisfies Omit<SettingRequest, 'value'>);
    return { removed: removed ?? null, override: overrideOf(context, input.key) };
  },
});

function inHouse({ db, principal, house }: OperationContext) {
  return [db, principal, house.settingsTable] as const;
}

function overrideOf(
  { house }: OperationContext,
  name: string,
): { readonly source: string; readonly value: unknown } | null {
  const { settings, sources } = house.configuration().running;
  const source = Object.hasOwn(sources, name) ? sources[name] : 'default';
  return source === 'store' || source === 'default' ? null : { source, value: settings[name] };
}

export const settings = { list, show, set, unset };

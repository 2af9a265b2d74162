import { Type } from 'typebox';
import {
  createGroup,
  findGroup,
  moveGroup,
  removeGroup,
  renameGroup,
  viewGroups,
} from '../../admin/groups.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, dryRun, exampleGuid, groupName, guid, named, search } from '../schemas.ts';

const GROUP = Type.Object({
  id: guid(),
  name: Type.String(),
  parentId: Type.Union([guid(), Type.Null()], { description: 'Null for All Computers.' }),
});

const GROUP_VIEW = Type.Object({
  ...GROUP.properties,
  members: count('Computers that are in it directly; in Unassigned Computers, those that are in no other.'),
  path: Type.Array(Type.String(), { description: 'Names from All Computers down to the group itself.' }),
});

const berlin = {
  id: exampleGuid('4a5b0a8f-6a34-4d0a-9d4a-0c6c2f0b6a11'),
  name: 'Berlin',
  parentId: exampleGuid('a0a08746-4dbe-4a37-9adf-9e7652c0b421'),
};
const berlinView = { ...berlin, members: 12, path: ['All Computers', 'Berlin'] };

const list = defineList({
  id: 'groups.list',
  path: '/groups',
  role: 'reader',
  summary: 'Lists target groups',
  input: Type.Object({ search: search('An id, or a part of the name.') }),
  item: GROUP_VIEW,
  sorts: ['path', 'name', 'members'],
  example: { input: { search: 'berl' }, result: berlinView },
  async read({ db }, input, page) {
    const groups = await viewGroups(db, input.search === undefined ? {} : { text: input.search });
    return pageOfAll(groups, page, (group) => group.id);
  },
});

const show = defineRead({
  id: 'groups.show',
  method: 'GET',
  path: '/groups/{group}',
  role: 'reader',
  summary: 'Shows a target group',
  input: Type.Object({ group: groupName }),
  result: GROUP_VIEW,
  errors: ['OAK_GROUP_UNKNOWN'],
  example: { input: { group: 'Berlin' }, result: berlinView },
  async run({ db }, { group }) {
    const { id } = await findGroup(db, group);
    return (await viewGroups(db)).find((one) => one.id === id)!;
  },
});

const create = defineChange({
  id: 'groups.create',
  method: 'POST',
  path: '/groups',
  role: 'operator',
  status: 201,
  summary: 'Creates a target group below another one',
  input: Type.Object({
    name: named('What the group is called; no semicolons.'),
    parent: Type.Optional(groupName),
    dryRun,
  }),
  result: GROUP,
  errors: ['OAK_GROUP_NAME', 'OAK_GROUP_EXISTS', 'OAK_GROUP_UNKNOWN'],
  example: { input: { name: 'Berlin', parent: 'All Computers' }, result: berlin },
  run: ({ db, principal, nowMs }, input) => createGroup(db, principal, { ...input, nowMs }),
});

const rename = defineChange({
  id: 'groups.rename',
  method: 'PATCH',
  path: '/groups/{group}',
  role: 'operator',
  summary: 'Gives a target group another name',
  description: 'Client-side targeting goes by names: computers may enter or leave it.',
  input: Type.Object({ group: groupName, name: named('The new name.'), dryRun }),
  result: GROUP,
  shownBy: show,
  errors: ['OAK_GROUP_UNKNOWN', 'OAK_GROUP_NAME', 'OAK_GROUP_EXISTS', 'OAK_GROUP_BUILT_IN'],
  example: { input: { group: 'Berln', name: 'Berlin' }, result: berlin },
  run: ({ db, principal, nowMs }, input) => renameGroup(db, principal, { ...input, nowMs }),
});

const move = defineChange({
  id: 'groups.move',
  method: 'POST',
  path: '/groups/{group}/move',
  role: 'operator',
  summary: 'Puts a target group, with everything below it, under another parent',
  input: Type.Object({ group: groupName, parent: groupName, dryRun }),
  result: GROUP,
  shownBy: show,
  errors: ['OAK_GROUP_UNKNOWN', 'OAK_GROUP_CYCLE', 'OAK_GROUP_BUILT_IN'],
  example: { input: { group: 'Berlin', parent: 'All Computers' }, result: berlin },
  run: ({ db, principal, nowMs }, input) => moveGroup(db, principal, { ...input, nowMs }),
});

const remove = defineChange({
  id: 'groups.remove',
  method: 'DELETE',
  path: '/groups/{group}',
  role: 'operator',
  summary: 'Deletes a target group and those below it, with their approvals',
  input: Type.Object({ group: groupName, dryRun }),
  result: Type.Object({
    removed: Type.Array(GROUP, { description: 'Everything that was deleted, the lowest first.' }),
  }),
  shownBy: show,
  errors: ['OAK_GROUP_UNKNOWN', 'OAK_GROUP_BUILT_IN', 'OAK_GROUP_IN_USE'],
  example: { input: { group: 'Berlin' }, result: { removed: [berlin] } },
  async run({ db, principal, nowMs }, input) {
    return { removed: await removeGroup(db, principal, { ...input, nowMs }) };
  },
});

export const groups = { list, show, create, rename, move, remove };

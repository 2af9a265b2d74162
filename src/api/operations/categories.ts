import { Type } from 'typebox';
import { viewCategories } from '../../admin/categories.ts';
import { defineList } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, search } from '../schemas.ts';
import { CATEGORY, exampleDetails } from './update-schemas.ts';

const [example] = exampleDetails.categories;

const list = defineList({
  id: 'categories.list',
  path: '/categories',
  role: 'reader',
  summary: 'Lists products, with their families and companies, and classifications',
  input: Type.Object({
    search: search('An id, or a part of the title.'),
    type: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'Product, ProductFamily, Company, UpdateClassification…',
      }),
    ),
  }),
  item: Type.Object({
    ...CATEGORY.properties,
    parents: Type.Array(Type.String(), { description: 'Ids of the categories that it lies in.' }),
    members: count('Updates and categories that are in it themselves.'),
  }),
  sorts: ['title', 'categoryType', 'members'],
  example: {
    input: { type: 'Product' },
    result: { ...example, parents: ['6d8a3f1c-2b4e-4c7d-9f0a-1e3b5d7f9a2c'], members: 120 },
  },
  async read({ db }, { search: text, type }, page) {
    const all = await viewCategories(db, {
      ...(text === undefined ? {} : { text }),
      ...(type === undefined ? {} : { type }),
    });
    return pageOfAll(all, page, (one) => one.updateId);
  },
});

export const categories = { list };

import { Type, type Static } from 'typebox';
import {
  addContent,
  verifyContent,
  viewContent,
  type ContentVerdict,
  type ContentView,
} from '../../admin/content.ts';
import type { ContentStore } from '../../content/content-store.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import type { FileKey } from '../../store/files.ts';
import { defineJob, defineList, type OperationContext } from '../operation.ts';
import { pageOf } from '../page.ts';
import { count } from '../schemas.ts';
import { removeUpload, resolveUpload, withoutUploadsFolder } from '../uploads.ts';

const FILE = Type.Object({
  sha1: Type.String({ description: 'Hexadecimal.' }),
  name: Type.String({ description: 'What the first update that named it calls it.' }),
  size: count('Bytes.'),
  stored: Type.Boolean(),
});

const exampleFile = {
  sha1: '2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12',
  name: 'sample-system-kb5099001-x64.cab',
  size: 41_943_040,
  stored: true,
};

const list = defineList({
  id: 'content.list',
  path: '/content',
  role: 'reader',
  summary: 'Lists the files that updates name, and which of them are stored',
  input: Type.Object({
    stored: Type.Optional(Type.Boolean({ description: 'Only what is stored, or only what is missing.' })),
  }),
  item: FILE,
  sorts: ['name'],
  example: { input: { stored: true }, result: exampleFile },
  async read({ db, house }, { stored }, { descending, after, limit }) {
    const [name, sha1] = after ?? [];
    const found = await viewContent(db, await house.content(), {
      descending,
      limit: limit + 1,
      ...(stored === undefined ? {} : { stored }),
      ...(typeof name === 'string' && typeof sha1 === 'string' ? { after: [name, sha1] as FileKey } : {}),
    });
    return pageOf(found, { sort: 'name', descending, limit }, (file) => [file.name, file.sha1]);
  },
});

const REFUSAL = Type.Object({ path: Type.String(), code: Type.String(), reason: Type.String() });

const add = defineJob({
  id: 'content.add',
  path: '/content/add',
  role: 'operator',
  summary: 'Stores uploaded files; their digests say which updates they belong to',
  description: 'Uploads are gone afterwards. What is refused keeps nothing else back.',
  input: Type.Object({
    uploads: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      minItems: 1,
      maxItems: 1000,
      description: 'What POST /uploads answered with.',
    }),
  }),
  result: Type.Object({ added: Type.Array(FILE), rejected: Type.Array(REFUSAL) }),
  errors: ['OAK_CONTENT_STORE'],
  example: {
    input: { uploads: ['0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41'] },
    result: { added: [exampleFile], rejected: [] },
  },
  async run(context, { uploads }, progress) {
    const content = await context.house.content();
    const added: ContentView[] = [];
    const rejected: Static<typeof REFUSAL>[] = [];
    for (const [index, upload] of uploads.entries()) {
      progress.signal.throwIfAborted();
      progress.report(index, uploads.length);
      try {
        added.push(await addOne(context, content, upload));
      } catch (failure) {
        if (!(failure instanceof OakumError)) throw failure;
        const reason = withoutUploadsFolder(context, failure.message);
        rejected.push({ path: upload, code: failure.code, reason });
      }
    }
    return { added, rejected };
  },
});

async function addOne(
  context: OperationContext,
  content: ContentStore,
  upload: string,
): Promise<ContentView> {
  const path = resolveUpload(context, upload);
  try {
    return await addContent(context.db, content, context.principal, path);
  } finally {
    await removeUpload(context, upload);
  }
}

const verify = defineJob({
  id: 'content.verify',
  path: '/content/verify',
  role: 'operator',
  summary: 'Reads every stored file and compares it with its digests',
  description: 'Damaged files are put into quarantine.',
  input: Type.Object({}),
  result: Type.Object({
    verdicts: Type.Array(
      Type.Object({
        sha1: Type.String({ description: 'Hexadecimal.' }),
        size: count('Bytes.'),
        problem: Type.Optional(Type.String({ description: 'What is wrong with it.' })),
      }),
    ),
  }),
  errors: ['OAK_CONTENT_STORE'],
  example: {
    input: {},
    result: { verdicts: [{ sha1: exampleFile.sha1, size: exampleFile.size }] },
  },
  async run({ db, house }, _, progress) {
    const content = await house.content();
    let total = 0;
    for await (const _file of content.list()) total++;
    const verdicts: ContentVerdict[] = [];
    for await (const verdict of verifyContent(db, content)) {
      progress.signal.throwIfAborted();
      verdicts.push(verdict);
      progress.report(verdicts.length, Math.max(total, verdicts.length));
    }
    return { verdicts };
  },
});

export const content = { list, add, verify };

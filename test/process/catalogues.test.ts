import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';

test('"sample" and "bench catalogue" report what they did as JSON, and fit into one data folder', async (t) => {
  const data = temporaryFolder(t);
  const run = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await new OakumProcess(t, [...args, '--data', data, '--json']).exited();
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const sample = await run('sample');
  assert.equal(sample.imported, sample.documents);
  assert.deepEqual(sample.rejected, []);
  const synthetic = await run('bench', 'catalogue', '--revisions', '1000', '--tail', 'none', '--seed', '3');
  assert.equal(synthetic.documents, 1000);
  // Both bring the documents of the well-known classifications along, and they are the same ones.
  assert.equal(synthetic.known, 15);
  assert.deepEqual(synthetic.rejected, []);
});

test('"bench catalogue --documents" writes a package instead of importing', async (t) => {
  const folder = temporaryFolder(t);
  const args = [
    'bench',
    'catalogue',
    '--revisions',
    '1000',
    '--tail',
    'none',
    '--documents',
    folder,
    '--json',
  ];
  const { code, stdout } = await new OakumProcess(t, args).exited();
  assert.equal(code, 0);
  const { path, documents } = JSON.parse(stdout) as { path: string; documents: number };
  assert.equal(documents, 1000);
  assert.ok(path.startsWith(folder) && path.endsWith('.xml.gz'));
});

test('"bench catalogue" refuses a size that makes no sense', async (t) => {
  const { code, stderr } = await new OakumProcess(t, ['bench', 'catalogue', '--revisions', '10']).exited();
  assert.equal(code, 1);
  assert.match(stderr, /from 1000 on/);
});

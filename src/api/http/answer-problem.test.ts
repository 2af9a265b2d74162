import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TempFolder } from '../../../test/support/temp-store.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { asAnswered } from './answer-problem.ts';

test('a store that another process holds is no fault of the server', () => {
  using folder = new TempFolder();
  const path = join(folder.path, 'any.db');
  const holder = new DatabaseSync(path);
  const other = new DatabaseSync(path, { timeout: 0 });
  holder.exec('BEGIN IMMEDIATE');
  let thrown: unknown;
  try {
    other.exec('BEGIN IMMEDIATE');
  } catch (error) {
    thrown = error;
  }
  assert.equal(asAnswered(thrown).code, 'OAK_SERVER_BUSY');
  other.close();
  holder.close();
});

test('what nobody expected is told as such, and what was expected stays what it is', () => {
  assert.equal(asAnswered(new TypeError('x is not a function')).code, 'OAK_INTERNAL');
  const expected = new OakumError('OAK_JOB_UNKNOWN');
  assert.equal(asAnswered(expected), expected);
});

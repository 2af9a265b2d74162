import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ERRORS } from '../../errors/catalogue.ts';
import { Histogram } from './histogram.ts';
import { NO_OPERATION, OUTCOMES, RequestCounts } from './request-counts.ts';

const SERVICES = [
  { name: 'Client', operations: ['GetConfig', 'SyncUpdates'] },
  { name: 'Reporting', operations: ['SyncUpdates'] },
];
const ANSWER = { durationMs: 3, requestBytes: 10, answerBytes: 20, uncodedBytes: 70 };

describe('counts of requests', () => {
  test('keep operations of services apart', () => {
    const counts = new RequestCounts(SERVICES);
    counts.answered(counts.rowsOf('Reporting')('SyncUpdates'), { outcome: 'ok', ...ANSWER });
    counts.answered(counts.rowsOf('Client')('GetConfig'), { outcome: 'ServerBusy', ...ANSWER });
    const [getConfig, client, , reporting] = counts.operations();
    assert.equal(getConfig.requests[OUTCOMES.indexOf('ServerBusy')], 1);
    assert.deepEqual(
      client.requests,
      OUTCOMES.map(() => 0),
    );
    assert.deepEqual(reporting, {
      service: 'Reporting',
      operation: 'SyncUpdates',
      requests: OUTCOMES.map((outcome) => (outcome === 'ok' ? 1 : 0)),
      ...{ requestBytes: 10, answerBytes: 20, uncodedBytes: 70 },
    });
  });

  test('have an outcome for every fault there is', () => {
    const faults = Object.values(ERRORS).flatMap((one) => ('fault' in one && one.fault ? [one.fault] : []));
    assert.deepEqual(
      faults.filter((fault) => !OUTCOMES.includes(fault)),
      [],
    );
  });

  test('never get a row from a name that nobody declared', () => {
    const counts = new RequestCounts(SERVICES);
    const rowOf = counts.rowsOf('Client');
    const rows = counts.operations().length;
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), (name) => {
        assert.equal(rowOf(name), rowOf(undefined));
        counts.counted(rowOf(name), 'refused');
      }),
    );
    assert.equal(counts.operations().length, rows);
    assert.equal(counts.operations()[rowOf(undefined)].operation, NO_OPERATION);
  });
});

test('a histogram counts what is at most as large as each bound', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
      const histogram = new Histogram([0.5, 1, 10], 3);
      for (const value of values) histogram.observe(value, 1);
      const { cumulative, count, sum } = histogram.row(1);
      assert.deepEqual(
        cumulative,
        [0.5, 1, 10].map((bound) => values.filter((value) => value <= bound).length),
      );
      assert.equal(count, values.length);
      assert.equal(
        sum,
        values.reduce((total, value) => total + value, 0),
      );
      assert.equal(histogram.row(0).count + histogram.row(2).count, 0);
    }),
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CHECK_NAMES } from '../../admin/doctor/doctor.ts';
import { CHANNELS } from '../../errors/event-channels.ts';
import type { MetricDefinition } from './metric.ts';
import { PROCESS_METRICS } from './process-metrics.ts';
import { STORE_METRICS } from './store-metrics.ts';

const document = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const METRICS = new Set([...Object.keys(PROCESS_METRICS), ...Object.keys(STORE_METRICS)]);

/** Names of ours in a text, of a histogram's parts that of the histogram. */
function metricsIn(text: string): Set<string> {
  const names = text.match(/\boakum_[a-z_]+\b/g) ?? [];
  return new Set(
    names.map((name) => {
      const whole = name.replace(/_(bucket|sum|count)$/, '');
      return METRICS.has(whole) ? whole : name;
    }),
  );
}

test('every figure is documented, and nothing else is', () => {
  assert.deepEqual([...metricsIn(document('monitoring.md'))].sort(), [...METRICS].sort());
});

test('the dashboard shows every figure, and none that does not exist', () => {
  const text = document('grafana-dashboard.json');
  assert.deepEqual([...metricsIn(text)].sort(), [...METRICS].sort());
  const { panels } = JSON.parse(text) as {
    readonly panels: readonly {
      readonly id: number;
      readonly gridPos: { readonly x: number; readonly w: number };
      readonly targets?: readonly { readonly expr: string }[];
    }[];
  };
  assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
  for (const { gridPos, targets = [] } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24);
    for (const { expr } of targets) {
      assert.match(expr, /\{job=~"\$job"/);
      for (const [open, close] of ['()', '{}', '[]'])
        assert.equal(expr.split(open).length, expr.split(close).length, expr);
    }
  }
});

test('labels in the documentation are those that are declared', () => {
  const rows = document('monitoring.md').matchAll(/^\| `(oakum_\w+)` +\| ([^|]*)\|/gm);
  const declared: Readonly<Record<string, MetricDefinition>> = {
    ...PROCESS_METRICS,
    ...STORE_METRICS,
  };
  for (const [, name, labels] of rows)
    assert.deepEqual(
      labels
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
      declared[name].labels ?? [],
      name,
    );
});

test('every channel and every check of the doctor is documented', () => {
  const channels = [...document('monitoring.md').matchAll(/^\| `(oakum\.[\w.]+)`/gm)].map(([, name]) => name);
  assert.deepEqual(channels.sort(), Object.keys(CHANNELS).sort());
  const checks = [...document('doctor.md').matchAll(/^\| ([a-z]+) +\|/gm)].map(([, name]) => name);
  assert.deepEqual(checks, CHECK_NAMES);
});

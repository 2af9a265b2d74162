import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { raised } from '../../test/support/error-code.ts';
import {
  eventPatterns,
  EVENT_PATTERNS,
  isSubscribed,
  NOTIFICATION_EVENTS,
  notificationText,
  type NotificationEvent,
} from './notification-event.ts';

const EVENTS = Object.keys(NOTIFICATION_EVENTS) as NotificationEvent[];

describe('what a subscription names', () => {
  test('is events, beginnings, or everything but tests', () => {
    assert.ok(isSubscribed(['*'], 'disk.low'));
    assert.ok(isSubscribed(['rollout.*'], 'rollout.halted'));
    assert.ok(isSubscribed(['disk.low', 'rollout.halted'], 'rollout.halted'));
    assert.ok(!isSubscribed(['rollout.halted'], 'rollout.finished'));
    assert.ok(!isSubscribed(['rule.*'], 'rollout.halted'));
    assert.ok(!isSubscribed(['*'], 'test'));
  });

  test('is checked, and each kept once', () => {
    assert.deepEqual(eventPatterns([' Rollout.* ', 'rollout.*', 'disk.low']), ['rollout.*', 'disk.low']);
    assert.equal(
      raised(() => eventPatterns([])),
      'OAK_NOTIFICATION_EVENT',
    );
    assert.equal(
      raised(() => eventPatterns(['test'])),
      'OAK_NOTIFICATION_EVENT',
    );
    assert.throws(() => eventPatterns(['rollout.haltd']), /Did you mean "rollout.halted"/);
  });

  test('covers every event, each with its group', () => {
    for (const event of EVENTS.filter((one) => one !== 'test')) {
      assert.ok(EVENT_PATTERNS.includes(event), event);
      assert.ok(EVENT_PATTERNS.includes(`${event.split('.')[0]}.*`), event);
    }
  });
});

describe('the text of a notification', () => {
  test('is one line for every event, whatever its data says', () => {
    for (const event of EVENTS) {
      const data = hostile(Value.Create(NOTIFICATION_EVENTS[event].data as TSchema));
      const text = notificationText(event, data);
      assert.ok(text.length > 0 && text.length <= 500, event);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\u2028]/u, event);
    }
  });

  test('names what it is about, and how many more there are', () => {
    const updates = ['A', 'B', 'C', 'D'].map((title) => ({ updateId: title, title }));
    assert.equal(
      notificationText('update.arrived', { source: 's', count: 12, updates }),
      '12 new updates: A, B, C and 9 more.',
    );
    assert.equal(
      notificationText('rollout.halted', {
        updateId: 'u',
        title: 'An update',
        ring: 'Slow',
        reason: 'failures',
        group: 'Pilot',
        failed: 3,
        results: 5,
      }),
      'The rollout of An update in the ring Slow has halted: 3 of 5 results in Pilot are failures.',
    );
  });

  test('makes no links and calls nobody in chat programs', () => {
    const name = '<!channel> @all [x](http://evil.example)\r\nroot@host\u202E';
    const text = notificationText('computer.duplicate-id', {
      count: 1,
      computers: [{ clientId: 'c', name, sinceMs: 0 }],
      cure: '',
    });
    assert.equal(
      text,
      '1 computer newly duplicate-id: ‹!channel› ＠all ［x］(http://evil.example) root@host\uFFFD.',
    );
  });

  test('of an event of another version is its name', () => {
    assert.equal(notificationText('later.event\n', {}), 'later.event');
    assert.equal(notificationText('toString', {}), 'toString');
  });
});

test('the documentation has a row for each event, as it is declared', () => {
  const page = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('## Events'), page.indexOf('## What is certain'));
  const rows = [...table.matchAll(/^\| `([a-z.-]+)` +\| (.*?) +\|$/gm)].map((row) => [row[1], row[2]]);
  assert.deepEqual(
    rows,
    EVENTS.map((event) => [event, NOTIFICATION_EVENTS[event].meaning]),
  );
});

/** The same data with every text as a computer would have it that means harm. */
function hostile(value: unknown): unknown {
  if (typeof value === 'string') return `\u0000\r\nBcc: x@y\u2028\u202E${'é'.repeat(5000)}`;
  if (Array.isArray(value)) return value.map(hostile);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one)]));
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clientEvent } from '../../test/support/client-event.ts';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { readFileSync } from 'node:fs';
import { effectOf, stateAfterReport } from './event-effects.ts';
import { StatusState } from './status-state.ts';

const ONE = '0a000000-0000-4000-8000-000000000001';
const TWO = '0a000000-0000-4000-8000-00000000000a';

const report = (...miscData: readonly string[]) => effectOf(clientEvent(1, { eventId: 156, miscData }));

describe('a report of states', () => {
  it('is read from its lists, whatever letters the ids are written in', () => {
    const effect = report('G=1.2', `U=${ONE.toUpperCase()}`, `V=${TWO.toUpperCase()};`, 'WUfBOn=0', 'f=3');
    assert.deepEqual(effect, {
      kind: 'report',
      states: new Map([
        [ONE, StatusState.Needed],
        [TWO, StatusState.Installed],
      ]),
    });
  });

  it('without lists says that nothing applies', () => {
    assert.deepEqual(report('B=3'), { kind: 'report', states: new Map() });
    assert.deepEqual(report('U=', 'V='), { kind: 'report', states: new Map() });
  });

  it('may name an update twice in one list, but not in two', () => {
    assert.equal(report(`U=${ONE};${ONE}`, `U=${ONE}`).kind, 'report');
    const refused = { kind: 'refused', code: 'OAK_EVENT_CONTRADICTORY' };
    assert.deepEqual(report(`U=${ONE}`, `V=${ONE}`), refused);
    assert.deepEqual(report(`U=${ONE},${TWO}`), refused);
  });

  it('of a real computer is understood', { skip: skipWithoutFixtures }, () => {
    const { U, V } = JSON.parse(readFileSync(fixture('native/status-event-lists.json'), 'utf8')) as Record<
      'U' | 'V',
      string[]
    >;
    const effect = report(`U=${U.join(';')}`, `V=${V.join(';')}`);
    assert.equal(effect.kind === 'report' && effect.states.size, U.length + V.length);
  });

  it('of any other shape is refused or read, and throws nothing', () => {
    const id = fc.constantFrom(ONE, TWO, '', 'x', '\u0000', '{', ONE.toUpperCase());
    const list = fc
      .tuple(
        fc.constantFrom('U=', 'V=', 'W=', 'g=', 'h=', 'G=', '', '=', 'UU='),
        fc.array(id, { maxLength: 4 }),
      )
      .map(([key, ids]) => key + ids.join(';'));
    fc.assert(
      fc.property(fc.array(fc.oneof(list, fc.string()), { maxLength: 6 }), (miscData) => {
        assert.ok(['report', 'refused'].includes(report(...miscData).kind));
      }),
    );
  });
});

describe('other events', () => {
  it('tell of a failure, of a detection, or are history', () => {
    const kindOf = (eventId: number): string => effectOf(clientEvent(1, { eventId })).kind;
    assert.deepEqual(
      [161, 182, 195, 198, 204].map(kindOf),
      Array.from({ length: 5 }, () => 'failure'),
    );
    assert.equal(kindOf(147), 'detection');
    assert.deepEqual(
      [162, 167, 181, 183, 201, 203, 0, -1].map(kindOf),
      Array.from({ length: 8 }, () => 'history'),
    );
    assert.equal(effectOf(clientEvent(1, { eventId: 182, update: undefined })).kind, 'history');
  });

  it('that are refused already have no effect', () => {
    const event = clientEvent(1, { eventId: 156, refused: 'OAK_EVENT_OVERSIZED' });
    assert.deepEqual(effectOf(event), { kind: 'refused', code: 'OAK_EVENT_OVERSIZED' });
  });
});

it('a failure ends when the update is installed', () => {
  const { Failed, Needed, Downloaded, Installed, PendingReboot } = StatusState;
  assert.deepEqual(
    [Needed, Downloaded, Installed, PendingReboot, Failed].map((reported) =>
      stateAfterReport(Failed, reported),
    ),
    [Failed, Failed, Installed, PendingReboot, Failed],
  );
  assert.equal(stateAfterReport(Installed, Needed), Needed);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetOptionError, FLEET_USAGE, parseFleetOptions } from '../../bench/fleet/fleet-options.ts';

const SERVER = ['--server', 'http://127.0.0.1:1'];

test('what is not said has a default', () => {
  assert.deepEqual(parseFleetOptions(SERVER), {
    server: 'http://127.0.0.1:1',
    computers: 1000,
    scenario: 'average-day',
    durationSeconds: 10,
    speedup: 1,
    processes: 1,
    agents: 0,
    seed: 1,
    images: 8,
    maxInFlight: 256,
    timeoutSeconds: 30,
    json: undefined,
    remoteTargetIsMine: false,
  });
});

test('help is asked for with --help, whatever else is missing', () => {
  assert.equal(parseFleetOptions(['--help']), 'help');
});

for (const [problem, args] of [
  [/--server is missing/, []],
  [/--bandwidth/, [...SERVER, '--bandwidth', '5']],
  [/surplus/, [...SERVER, 'surplus']],
  [/--scenario quiet-night is none of average-day/, [...SERVER, '--scenario', 'quiet-night']],
  [/--computers 0 is no number from 1/, [...SERVER, '--computers', '0']],
  [/--computers 1.5 is no whole number/, [...SERVER, '--computers', '1.5']],
  [/--computers 1e3/, [...SERVER, '--computers', '1e3']],
  [/--duration ten/, [...SERVER, '--duration', 'ten']],
  [/--duration/, [...SERVER, '--duration', '-5']],
  [/--speedup NaN/, [...SERVER, '--speedup', 'NaN']],
  [/--speedup Infinity/, [...SERVER, '--speedup', 'Infinity']],
  [/--processes 65/, [...SERVER, '--processes', '65']],
  [/--agents 201/, [...SERVER, '--agents', '201']],
  [/--seed 0x10/, [...SERVER, '--seed', '0x10']],
  [/--max-in-flight must not be less/, [...SERVER, '--max-in-flight', '2', '--processes', '4']],
  [/could have \d+ scans/, [...SERVER, '--computers', '9000000']],
  [/--help/, [...SERVER, '--help=yes']],
] as const) {
  test(`${args.slice(2).join(' ') || 'nothing'} is refused with a reason`, () => {
    assert.throws(
      () => parseFleetOptions(args),
      (error) => error instanceof FleetOptionError && problem.test(error.message),
    );
  });
}

test('the help names every option', () => {
  const options = parseFleetOptions(SERVER);
  assert.notEqual(options, 'help');
  for (const name of ['computers', 'processes', 'agents', 'seed', 'images', 'json', 'remote-target-is-mine'])
    assert.ok(FLEET_USAGE.includes(`--${name}`), name);
});

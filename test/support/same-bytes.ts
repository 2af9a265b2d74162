import assert from 'node:assert/strict';

/** Fails with the offset of the first difference, and what stands there on both sides. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  const length = Math.max(actual.length, expected.length);
  let at = 0;
  while (at < length && actual[at] === expected[at]) at++;
  if (at === length) return;
  const around = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(Math.max(0, at - 60), at + 60)).toString();
  assert.equal(around(actual), around(expected), `the first difference is at byte ${at}`);
}

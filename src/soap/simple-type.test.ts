import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  base64Binary,
  boolean,
  dateTime,
  dateTimeFromMs,
  dateTimeToMs,
  enumeration,
  guid,
  int,
  long,
  parseDateTime,
  short,
  unsignedByte,
  unsignedInt,
  type AnySimpleType,
} from './simple-type.ts';

const GUID = '6964aab4-c5b5-43bd-a17d-ffb4346a8e1d';

const ACCEPTED: readonly (readonly [AnySimpleType, string, unknown])[] = [
  [int, '0', 0],
  [int, '+7', 7],
  [int, '-2147483648', -2147483648],
  [int, '2147483648', undefined],
  [int, '', undefined],
  [int, '1.0', undefined],
  [int, '0x10', undefined],
  [int, '1e3', undefined],
  [short, '-32768', -32768],
  [short, '65535', 65535],
  [short, '65536', undefined],
  [unsignedByte, '255', 255],
  [unsignedByte, '-1', undefined],
  [unsignedInt, '4294967295', 4294967295],
  [long, '2814751477604196', 2814751477604196n],
  [long, '+9223372036854775807', 2n ** 63n - 1n],
  [long, '18446744073709551615', -1n],
  [long, '18446744073709551616', undefined],
  [long, '-9223372036854775809', undefined],
  [boolean, 'true', true],
  [boolean, '0', false],
  [boolean, 'True', undefined],
  [guid, GUID.toUpperCase(), GUID],
  [guid, `{${GUID}}`, GUID],
  [guid, GUID.replaceAll('-', ''), undefined],
  [dateTime, '2026-10-04T15:03:36.9967236Z', '2026-10-04T15:03:36.9967236Z'],
  [dateTime, '0001-01-01T00:00:00', '0001-01-01T00:00:00'],
  [dateTime, '9999-12-31T23:59:59.9999999', '9999-12-31T23:59:59.9999999'],
  [dateTime, '2026-10-04', undefined],
  [dateTime, '2026-13-04T00:00:00Z', undefined],
  [base64Binary, '', Buffer.of()],
  [base64Binary, ' AQ\r\nID\t', Buffer.of(1, 2, 3)],
  [base64Binary, 'AQI=', Buffer.of(1, 2)],
  [base64Binary, 'AQ==', Buffer.of(1)],
  [base64Binary, 'AQ=', undefined],
  [base64Binary, 'A===', undefined],
  [base64Binary, 'AQ==AQID', undefined],
  [base64Binary, 'AQI_', undefined],
  [enumeration('Colour', ['Red', 'Green']), 'Green', 'Green'],
  [enumeration('Colour', ['Red', 'Green']), 'green', undefined],
  [enumeration('Colour', ['Red', 'Green'], { otherwise: 'Red' }), 'Blue', 'Red'],
];

describe('simple types', () => {
  for (const [type, text, value] of ACCEPTED) {
    test(`${type.schemaName} ${value === undefined ? 'refuses' : 'reads'} ${JSON.stringify(text)}`, () => {
      assert.deepEqual(type.parse(text), value);
    });
  }

  test('base64Binary reads texts of any length', () => {
    const megabytes = 'AAAA'.repeat(6 << 20);
    assert.equal(base64Binary.parse(megabytes)?.length, 18 << 20);
    assert.equal(base64Binary.parse(`${megabytes}!`), undefined);
  });

  test('a time without a zone is UTC', () => {
    const times = ['2026-10-04T12:00:00.5', '2026-10-04T12:00:00.5000001Z', '2026-10-04T14:00:00.5+02:00'];
    const read = times.map(parseDateTime).map((time) => time && dateTimeToMs(time));
    assert.deepEqual(
      read,
      times.map(() => Date.UTC(2026, 9, 4, 12, 0, 0, 500)),
    );
  });

  test('a time is written without trailing zeros', () => {
    const written = [0, 500, 50, 5, 600_000].map(dateTimeFromMs).map((time) => time.slice(14));
    assert.deepEqual(written, ['00:00Z', '00:00.5Z', '00:00.05Z', '00:00.005Z', '10:00Z']);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentTalk, soapAnswer } from '../../test/support/agent-talk.ts';
import { updateIdOf } from '../../test/support/core-fragment.ts';
import { RecordingServer } from '../../test/support/recording-server.ts';
import { reportingService } from '../protocol/wusp/reporting.ts';
import { EventId, reportEvents, reportingEvent, statusEvent, type AgentEvent } from './client-events.ts';
import { profile, profileNames } from './machine/profiles/profile.ts';
import { personaOf } from './persona-of-profile.ts';
import { processCaller } from './persona.ts';

const CLIENT = '0a4b0000-0000-4000-8000-000000000001';
const TIME = Date.UTC(2026, 0, 2, 3, 4, 5, 60);
const personaNamed = (name: string, callerId?: string) =>
  personaOf(profile(name), profile(name).machine, 'rope.example', callerId === undefined ? {} : { callerId });
const PERSONA = personaNamed('windows-11-25h2');
const found: AgentEvent = { eventId: EventId.DetectionFound, timeMs: TIME, replacementStrings: ['2'] };

const miscOf = (event: AgentEvent, persona = PERSONA): readonly string[] =>
  (reportingEvent(persona, CLIENT, event).ExtendedData?.MiscData ?? []).map(String);
const keysOf = (misc: readonly string[]): string[] => misc.map((one) => one.slice(0, one.indexOf('=')));

test('an event says who, when, what and with which result', () => {
  const update = { updateId: updateIdOf(5), revisionNumber: 7 };
  const { BasicData: basic, PrivateData: personal } = reportingEvent(PERSONA, CLIENT, {
    eventId: EventId.DownloadFailed,
    timeMs: TIME,
    update,
    hresult: 0x800b_0109,
  });
  const { EventInstanceID: instance, ...others } = basic ?? {};
  assert.match(String(instance), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(others, {
    TargetID: { Sid: CLIENT },
    SequenceNumber: 0,
    TimeAtTarget: '2026-01-02T03:04:05.06Z',
    NamespaceID: 1,
    EventID: 161,
    SourceID: 101,
    UpdateID: { UpdateID: updateIdOf(5), RevisionNumber: 7 },
    // A signed number on the wire.
    Win32HResult: 0x800b_0109 - 2 ** 32,
    AppName: 'UpdateOrchestrator',
  });
  assert.deepEqual(personal, {});
});

test('an event that concerns no update names the zero GUID', () => {
  assert.deepEqual(reportingEvent(PERSONA, CLIENT, found).BasicData?.UpdateID, {
    UpdateID: '00000000-0000-0000-0000-000000000000',
    RevisionNumber: 0,
  });
});

test('no two events have an instance id in common', () => {
  const ids = [found, found].map(
    (event) => reportingEvent(PERSONA, CLIENT, event).BasicData?.EventInstanceID,
  );
  assert.notEqual(ids[0], ids[1]);
});

test('the computer is described as its system describes it', () => {
  const { ExtendedData: data } = reportingEvent(PERSONA, CLIENT, found);
  assert.deepEqual(data?.ReplacementStrings, ['2']);
  assert.equal(data?.ProcessorArchitecture, 'Amd64Compatible');
  assert.deepEqual(data?.OSVersion, {
    Major: 10,
    Minor: 0,
    Build: 26_200,
    Revision: 65_792,
    ServicePackMajor: 0,
    ServicePackMinor: 0,
  });
  assert.equal(data?.OSLocaleID, 1033);
  const server = reportingEvent(personaNamed('windows-server-2012-r2'), CLIENT, found).ExtendedData;
  assert.equal(server?.OSVersion.Revision, 0x3_0110);
});

test('tags stand in the order of the wire, whatever order they are given in', () => {
  const misc = { k: 'true', f: '3', B: '12', D: '1', M: 'bundle', W: 'pending', g: 'failed' };
  assert.deepEqual(keysOf(miscOf({ ...found, misc })), [
    ...['B', 'D', 'G', 'J', 'K', 'L', 'M', 'Q', 'T', 'W', 'AppName', 'CsiErrorType'],
    ...['c', 'f', 'g', 'k', 'm', 'n', 'o', 'p', 'q', 'r', 'w', 'x', 'dd', 'ff'],
    ...['WUfBOn', 'WUfBDS', 'DisableDS', 'PauseQU', 'PauseFU'],
  ]);
  assert.ok(miscOf({ ...found, misc: { Q: '2' } }).includes('Q=2'));
});

test('common tags come from the machine', () => {
  const misc = miscOf(found);
  for (const expected of ['G=1507.2601.30012.0', 'c=48', 'K=unknown', 'T=Oakum Firmware']) {
    assert.ok(misc.includes(expected), expected);
  }
  assert.ok(misc.some((one) => /^L=\d{4}-\d\d-\d\dT00:00:00$/.test(one)));
});

test('a computer keeps its sampling value, and computers differ in it', () => {
  const sample = (clientId: string): string | undefined =>
    reportingEvent(PERSONA, clientId, found)
      .ExtendedData?.MiscData?.map(String)
      .find((one) => one.startsWith('J='));
  assert.equal(sample(CLIENT), sample(CLIENT));
  const values = new Set(Array.from({ length: 50 }, (_, index) => sample(`computer ${index}`)));
  assert.ok(values.size > 30);
  assert.ok([...values].every((one) => /^J=\d{1,3}$/.test(one ?? '')));
});

test('a program that came through the API is named among the tags, not as the application', () => {
  const persona = personaNamed('windows-11-25h2', processCaller('rope.exe'));
  assert.equal(reportingEvent(persona, CLIENT, found).BasicData?.AppName, undefined);
  const misc = miscOf(found, persona);
  assert.ok(misc.includes('AppName=<<PROCESS>>: rope.exe'));
  assert.equal(misc[keysOf(misc).indexOf('x') + 1], 'cc=rope.exe');
  const other = reportingEvent(persona, CLIENT, { ...found, callerId: 'Rope Scan' });
  assert.equal(other.BasicData?.AppName, 'Rope Scan');
  assert.ok(!keysOf((other.ExtendedData?.MiscData ?? []).map(String)).includes('cc'));
});

test('a status event lists UpdateIDs in upper case, and leaves an empty list out', () => {
  const status = statusEvent(TIME, { needed: [updateIdOf(1), 'abc'], installed: [] });
  assert.equal(status.eventId, 156);
  assert.deepEqual(status.misc, { U: `${updateIdOf(1).toUpperCase()};ABC` });
  assert.deepEqual(statusEvent(TIME, { needed: [], installed: [] }).misc, {});
  const keys = keysOf(miscOf(statusEvent(TIME, { needed: ['a'], installed: ['b'] })));
  assert.deepEqual(keys.slice(4, 8), ['Q', 'T', 'U', 'V']);
});

test('events of every profile can be written', async () => {
  const answer = {
    body: soapAnswer(
      'ReportEventBatch',
      '<ReportEventBatchResult>true</ReportEventBatchResult>',
      reportingService.namespace,
    ),
  };
  await using server = await RecordingServer.start(() => answer);
  for (const name of profileNames) {
    using talk = new AgentTalk(server, name);
    assert.equal(await reportEvents(talk.session, talk.persona, CLIENT, [found], TIME), true, name);
  }
});

test('queued events go in one batch, and no batch goes without events', async () => {
  let result = 'true';
  await using server = await RecordingServer.start(() => ({
    body: soapAnswer(
      'ReportEventBatch',
      `<ReportEventBatchResult>${result}</ReportEventBatchResult>`,
      reportingService.namespace,
    ),
  }));
  using talk = new AgentTalk(server, 'windows-11-25h2');
  const send = (events: readonly AgentEvent[]): Promise<boolean> =>
    reportEvents(talk.session, talk.persona, CLIENT, events, TIME);
  assert.equal(await send([]), true);
  assert.equal(server.requests.length, 0);
  assert.equal(await send(Array.from({ length: 9 }, () => found)), true);
  const [{ path, fields, body }] = server.requests;
  assert.equal(path, '/ReportingWebService/ReportingWebService.asmx');
  assert.ok(
    fields.some(
      ([name, value]) =>
        name === 'SOAPAction' && value === '"http://www.microsoft.com/SoftwareDistribution/ReportEventBatch"',
    ),
  );
  assert.equal(body.toString().match(/<ReportingEvent>/g)?.length, 9);
  assert.match(body.toString(), /<\/cookie><clientTime>2026-01-02T03:04:05\.06Z<\/clientTime><eventBatch>/);
  assert.match(body.toString(), /<PrivateData\/><\/ReportingEvent><\/eventBatch>/);
  result = 'false';
  assert.equal(await send([found]), false);
});

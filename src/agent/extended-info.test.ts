import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentTalk, soapAnswer } from '../../test/support/agent-talk.ts';
import { coreFragment, updateIdOf } from '../../test/support/core-fragment.ts';
import { RecordingServer, type RecordedRequest } from '../../test/support/recording-server.ts';
import { escapeText } from '../xml/text.ts';
import type { AgentState } from './agent-state.ts';
import { fetchExtendedInfo, refreshFileLocations } from './extended-info.ts';

const idsOf = ({ body }: RecordedRequest): number[] =>
  [...body.toString().matchAll(/<int>(\d+)<\/int>/g)].map(([, id]) => Number(id));
const answer = (content: string) => ({
  body: soapAnswer(
    'GetExtendedUpdateInfo',
    `<GetExtendedUpdateInfoResult>${content}</GetExtendedUpdateInfoResult>`,
  ),
});
const fragment = (id: number, xml: string): string =>
  `<Update><ID>${id}</ID><Xml>${escapeText(xml)}</Xml></Update>`;

function hold(state: AgentState, ...ids: readonly number[]): void {
  for (const id of ids) {
    state.updates.set(id, {
      id,
      updateId: updateIdOf(id),
      revisionNumber: 1,
      isLeaf: true,
      isDriver: false,
      deployment: { id, action: 'Install', isAssigned: true, deadline: undefined },
      core: coreFragment({ id }),
    });
  }
}

test('ids are asked for in ascending order, in batches as large as the server allows', async () => {
  await using server = await RecordingServer.start(() => answer('<Updates/>'));
  using talk = new AgentTalk(server, 'windows-11-25h2');
  talk.state.config = { ...talk.state.config!, maxExtendedUpdates: 3 };
  await fetchExtendedInfo(talk.session, talk.state, talk.persona, [70, 10, 60, 20, 50, 30, 400]);
  assert.deepEqual(server.requests.map(idsOf), [[10, 20, 30], [50, 60, 70], [400]]);
});

test('nothing is asked where there are no ids', async () => {
  await using server = await RecordingServer.start(() => answer('<Updates/>'));
  using talk = new AgentTalk(server, 'windows-11-25h2');
  await fetchExtendedInfo(talk.session, talk.state, talk.persona, []);
  assert.equal(server.requests.length, 0);
});

test('fragments find their updates by id, in whatever order they come', async () => {
  const location = `<FileLocation><FileDigest>${Buffer.from('digest').toString('base64')}</FileDigest><Url>http://rope.example/Content/1</Url></FileLocation>`;
  await using server = await RecordingServer.start(() =>
    answer(
      '<Updates>' +
        fragment(2, '<LocalizedProperties><Title>Two</Title></LocalizedProperties>') +
        fragment(1, '<ExtendedProperties Handler="one" />') +
        fragment(2, '<ExtendedProperties Handler="two" />') +
        fragment(1, '<LocalizedProperties><Title>One</Title></LocalizedProperties>') +
        fragment(99, '<ExtendedProperties Handler="unknown" />') +
        `</Updates><FileLocations>${location}</FileLocations><OutOfScopeRevisionIDs><int>3</int></OutOfScopeRevisionIDs>`,
    ),
  );
  using talk = new AgentTalk(server, 'windows-11-25h2');
  const { state } = talk;
  hold(state, 1, 2, 3);
  await fetchExtendedInfo(talk.session, state, talk.persona, [1, 2, 3]);
  assert.match(state.updates.get(1)?.extended ?? '', /one/);
  assert.match(state.updates.get(1)?.localized ?? '', /One/);
  assert.match(state.updates.get(2)?.extended ?? '', /two/);
  assert.match(state.updates.get(2)?.localized ?? '', /Two/);
  assert.deepEqual([...state.updates.keys()], [1, 2]);
  assert.deepEqual(
    [...state.fileLocations],
    [[Buffer.from('digest').toString('base64'), 'http://rope.example/Content/1']],
  );
});

test('agents since Windows 10 tell about the computer, older ones do not', async () => {
  await using server = await RecordingServer.start(() => answer('<Updates/>'));
  for (const name of ['windows-11-25h2', 'windows-8.1']) {
    using talk = new AgentTalk(server, name);
    await fetchExtendedInfo(talk.session, talk.state, talk.persona, [1]);
  }
  const [modern, old] = server.requests.map(({ body }) => body.toString());
  const common =
    '<revisionIDs><int>1</int></revisionIDs>' +
    '<infoTypes><XmlUpdateFragmentType>Extended</XmlUpdateFragmentType>' +
    '<XmlUpdateFragmentType>LocalizedProperties</XmlUpdateFragmentType></infoTypes>' +
    '<locales><string>en-US</string><string>en</string></locales>';
  assert.ok(old.includes(`${common}</GetExtendedUpdateInfo>`));
  assert.match(
    modern,
    /<\/locales><deviceAttributes>[^<]+<\/deviceAttributes><GeoId>USA<\/GeoId><callerAttributes>/,
  );
});

test('file locations are asked for by digest, and replace those that were known', async () => {
  const [one, two] = ['one', 'two'].map((text) => Buffer.from(text).toString('base64'));
  const cookie =
    '<NewCookie><Expiration>2026-01-01T01:00:00Z</Expiration><EncryptedData>bmV3</EncryptedData></NewCookie>';
  await using server = await RecordingServer.start(() => ({
    body: soapAnswer(
      'GetFileLocations',
      `<GetFileLocationsResult><FileLocations><FileLocation><FileDigest>${two}</FileDigest><Url>http://rope.example/2</Url></FileLocation></FileLocations>${cookie}</GetFileLocationsResult>`,
    ),
  }));
  using talk = new AgentTalk(server, 'windows-11-25h2');
  talk.state.fileLocations.set(two, 'http://rope.example/old');
  await refreshFileLocations(talk.session, talk.state, [one, two]);
  const body = server.requests[0].body.toString();
  assert.ok(
    body.includes(
      `<fileDigests><base64Binary>${one}</base64Binary><base64Binary>${two}</base64Binary></fileDigests>`,
    ),
  );
  assert.equal(talk.state.fileLocations.get(two), 'http://rope.example/2');
  assert.equal(talk.state.cookie?.data.toString(), 'new');
});

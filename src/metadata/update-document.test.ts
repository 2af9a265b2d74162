import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { parseUpdateDocument, titleOf, type UpdateDocument } from './update-document.ts';

const read = (name: string): UpdateDocument => parseUpdateDocument(ownDocument(name));

/** An own document with one thing changed. */
function changed(name: string, from: string | RegExp, to: string): Buffer {
  const text = ownDocument(name).toString();
  const other = text.replace(from, to);
  assert.notEqual(other, text, `${name} has no ${from}`);
  return Buffer.from(other);
}

describe('an update document', () => {
  it('of a company', () => {
    const company = read('company');
    assert.equal(company.updateId, '38eb80ad-416e-496e-aea0-c03b337356ef');
    assert.equal(company.revisionNumber, 100);
    assert.equal(company.updateType, 'Category');
    assert.equal(company.categoryType, 'Company');
    assert.equal(company.handler, 'Category');
    assert.equal(company.creationMs, Date.UTC(2024, 1, 28, 2, 17, 34, 103));
    assert.deepEqual(company.relations, { prerequisites: [], bundled: [], superseded: [] });
    assert.deepEqual(
      [company.explicitlyDeployable, company.expired, company.uninstallable],
      Array(3).fill(false),
    );
  });

  it('of a category says which kind it is', () => {
    const kinds = ['company', 'product-family', 'product', 'classification'].map(
      (name) => read(name).categoryType,
    );
    assert.deepEqual(kinds, ['Company', 'ProductFamily', 'Product', 'UpdateClassification']);
    assert.equal(read('detectoid-console').categoryType, undefined);
  });

  it('of a detectoid', () => {
    const detectoid = read('detectoid-console');
    assert.equal(detectoid.updateType, 'Detectoid');
    assert.equal(detectoid.handler, undefined);
    assert.equal(titleOf(detectoid), 'Console & recorder present');
    assert.deepEqual(detectoid.relations, {
      superseded: ['1495acf1-e850-4294-85ca-3aa706c86d58'],
      prerequisites: [
        { isCategory: false, updateIds: ['e0fd16c9-66fa-429c-b240-be350d6f37d5'] },
        {
          isCategory: false,
          updateIds: ['e44885dd-603b-464d-9829-f62a4fc2e998', '337a5d0f-b77b-4822-a96d-546f08dbcdfe'],
        },
      ],
      bundled: [],
    });
  });

  it('of a bundle', () => {
    const bundle = read('bundle');
    assert.equal(bundle.updateType, 'Software');
    assert.equal(bundle.explicitlyDeployable, true);
    assert.equal(bundle.msrcSeverity, 'Important');
    assert.deepEqual(bundle.kbArticleIds, ['4000417', '4000418']);
    assert.deepEqual(bundle.securityBulletinIds, ['FH24-003']);
    assert.deepEqual(bundle.cveIds, ['CVE-2024-900417']);
    assert.deepEqual(
      bundle.texts.map(({ language, description }) => [language, description]),
      [
        ['en', 'Console and recorder, version 4.2.'],
        ['de', ''],
        ['pt-br', ''],
      ],
    );
    assert.deepEqual(bundle.relations, {
      superseded: ['1495acf1-e850-4294-85ca-3aa706c86d58', 'ddca0b22-4cd3-443a-9ef0-f0b073e6db87'],
      prerequisites: [
        { isCategory: false, updateIds: ['e0fd16c9-66fa-429c-b240-be350d6f37d5'] },
        { isCategory: true, updateIds: ['0fa1201d-4330-4fa8-8ae9-b877473b6441'] },
        { isCategory: true, updateIds: ['e44885dd-603b-464d-9829-f62a4fc2e998'] },
      ],
      bundled: [
        [
          { updateId: '55585b38-4fab-48eb-812a-d5950a911c13', revisionNumber: 200 },
          { updateId: 'd2a21816-0a75-4668-ab8e-f840426d2c2c', revisionNumber: 201 },
        ],
        [{ updateId: 'd2a21816-0a75-4668-ab8e-f840426d2c2c', revisionNumber: undefined }],
      ],
    });
    assert.deepEqual(bundle.files, []);
  });

  it('of each handler', () => {
    const handlers = ['member-command-line', 'member-msi', 'msi-patch', 'cbs', 'os-installer', 'driver'].map(
      (name) => read(name).handler,
    );
    assert.deepEqual(handlers, [
      'CommandLineInstallation',
      'WindowsInstaller',
      'WindowsInstaller',
      'Cbs',
      'OSInstaller',
      'WindowsDriver',
    ]);
  });

  it('names its files with both digests', () => {
    const { files, languages } = read('os-installer');
    assert.deepEqual(languages, []);
    assert.deepEqual(
      files.map(({ sha1, sha256, name, size }) => [
        sha1.toString('base64'),
        sha256?.toString('base64'),
        name,
        size,
      ]),
      [
        [
          'Kk3ecHUSqFkykcwrXex9v0ESSvs=',
          'UIJulZBH7J6KsAkMDWk1xcT9+sDGpy8ZzvMdViOfAoQ=',
          'bench-os.cab',
          3145728,
        ],
        [
          '1wFnQAO/hBs/XOJW2JKBWc5zxm8=',
          'Q7tJ4+j4STCD14OWsYlXP67D8EIQNCVNs4/FTF8zgqU=',
          'bench-os.wim',
          15796854272,
        ],
      ],
    );
    assert.equal(read('expired').files[0].sha256, undefined);
  });

  it('has a SHA-256 digest only where that is what the additional digest is', () => {
    const sha256Of = (from: string, to: string): string | undefined =>
      parseUpdateDocument(changed('cbs', from, to)).files[0].sha256?.toString('base64');
    assert.equal(sha256Of('"SHA256"', '"SHA512"'), undefined);
    assert.equal(sha256Of('"SHA256"', '"sha256"'), 'HxPVp9OTVWPJoQwDoLpvdKmZ8esDSSHOpoXG7Pmy8/0=');
    assert.equal(sha256Of('Hx', '\n  Hx'), 'HxPVp9OTVWPJoQwDoLpvdKmZ8esDSSHOpoXG7Pmy8/0=');
  });

  it('may write its flags either way', () => {
    const { relations } = parseUpdateDocument(changed('local', 'IsCategory="true"', 'IsCategory="1"'));
    assert.deepEqual(
      relations.prerequisites.map((clause) => clause.isCategory),
      [true, true],
    );
    const local = (value: string): boolean =>
      parseUpdateDocument(changed('local', 'LocallyPublished="true"', `LocallyPublished="${value}"`))
        .locallyPublished;
    assert.deepEqual([local('1'), local('0'), local('yes')], [true, false, false]);
  });

  it('that can be uninstalled says so', () => {
    assert.deepEqual([read('cbs').uninstallable, read('bundle').uninstallable], [true, false]);
    assert.deepEqual(read('cbs').languages, ['all']);
  });

  it('with a licence has its id and files', () => {
    const { eulaId, requiresEulaAcceptance, files } = read('eula');
    assert.equal(eulaId, 'e1045acb-51e3-42e4-a2fa-53343b82b90a');
    assert.equal(requiresEulaAcceptance, true);
    assert.deepEqual(
      files.map(({ name }) => name),
      ['licence-en.txt', 'licence-de.txt', 'licence-de-CHE.txt', 'eula-app.exe'],
    );
    assert.equal(read('local').requiresEulaAcceptance, false);
  });

  it('that was published locally or has expired says so', () => {
    assert.deepEqual([read('local').locallyPublished, read('cbs').locallyPublished], [true, false]);
    assert.deepEqual(read('local').languages, ['en', 'de']);
    assert.deepEqual([read('expired').expired, read('cbs').expired], [true, false]);
    assert.equal(read('expired').explicitlyDeployable, true);
  });

  it('of a driver has one entry for each hardware id', () => {
    const [probe, mini] = read('driver').drivers;
    assert.deepEqual(probe, {
      hardwareId: 'USB\\VID_F0F0&PID_4201',
      verDateMs: Date.UTC(2024, 2, 28),
      verVersion: (4n << 48n) | (2n << 32n) | (1n << 16n) | 900n,
      whqlDriverId: 4200417,
      driverClass: 'Ports',
      company: 'Fernhollow',
      provider: 'Fernhollow',
      manufacturer: 'Fernhollow Instruments',
      model: 'Bench Probe',
      featureScores: { 'amd64.10.0': 160, 'arm64.10.0': 255 },
      distributionComputerHardwareIds: [
        'a095400b-e4b0-46e8-805e-869cf3ff82c2',
        '7f56e615-da94-4bf6-8198-c328749c0a08',
      ],
      targetComputerHardwareIds: ['d8f2615c-1ce4-481c-8cdb-e855fb161d1e'],
    });
    assert.equal(mini.hardwareId, 'USB\\VID_F0F0&PID_4202');
    assert.deepEqual([mini.featureScores, mini.distributionComputerHardwareIds], [{}, []]);
    assert.equal(read('driver').drivers.length, 2);
  });

  it('may be written as nobody does', () => {
    const irregular = read('irregular');
    assert.equal(irregular.updateId, '6dc91ecc-7c18-4056-b642-a9505d4c4534');
    assert.equal(irregular.revisionNumber, 7);
    assert.equal(irregular.explicitlyDeployable, true);
    assert.deepEqual(irregular.texts, [
      {
        language: 'en',
        title: 'Bench <Console> & more',
        description: "First line\nsecond 'line', nothing else",
      },
    ]);
  });

  it('has an English title, else one in its own language, else any', () => {
    assert.equal(titleOf(read('bundle')), 'Bench Console 4.2 (KB4000417)');
    assert.equal(titleOf(read('classification')), 'Kalibrierungen');
    const other = parseUpdateDocument(changed('classification', 'Language="de"', 'Language="fr"'));
    assert.equal(titleOf(other), 'Kalibrierungen');
    assert.equal(titleOf({ texts: [], defaultLanguage: 'en' }), '');
  });

  it('without a date, or with a broken one, has none', () => {
    const dateless = changed('company', / CreationDate="[^"]*"/, ' CreationDate="last week"');
    assert.equal(parseUpdateDocument(dateless).creationMs, undefined);
  });
});

describe('an update document is refused', () => {
  const SHA1 = 'Ccq7/4NtvPdX4AAzV/O4n/dhQ4w=';
  const SHA256 = 'cTLOQPikThcK4l9a6hATohZ/OplHxG6Tg5huLPCTV2o=';
  const cases: readonly (readonly [
    what: string,
    name: string,
    from: string | RegExp,
    to: string,
    code?: string,
  ])[] = [
    ['with another root', 'company', /upd:Update(?=[ >])/g, 'upd:Package'],
    ['with a root of another namespace', 'company', '12/Update"><upd:UpdateI', '13/Update"><upd:UpdateI'],
    ['without UpdateIdentity', 'company', /<upd:UpdateIdentity[^>]*>/, ''],
    ['without Properties', 'product-family', /<upd:Properties[^>]*>/, ''],
    ['with an UpdateID that is no GUID', 'company', 'UpdateID="38', 'UpdateID="Z8'],
    ['without UpdateID', 'company', ' UpdateID="', ' Id="'],
    ['without RevisionNumber', 'company', ' RevisionNumber="', ' Number="'],
    ['with a revision that is no number', 'company', 'RevisionNumber="100"', 'RevisionNumber="1e2"'],
    ['with a negative revision', 'company', 'RevisionNumber="100"', 'RevisionNumber="-1"'],
    ['with a revision beyond 31 bits', 'company', 'RevisionNumber="100"', 'RevisionNumber="2147483648"'],
    ['of an unknown type', 'company', 'UpdateType="Category"', 'UpdateType="category"'],
    ['with a prerequisite that is no GUID', 'bundle', 'UpdateID="0fa1201d', 'UpdateID="0fa1201'],
    ['with a superseded id that is no GUID', 'bundle', 'UpdateID="1495acf1', 'UpdateID="?'],
    ['with a bundled id that is no GUID', 'bundle', 'UpdateID="55585b38', 'UpdateID=" 55585b38'],
    [
      'with a bundled revision that is no number',
      'bundle',
      'RevisionNumber="201"',
      'RevisionNumber="latest"',
    ],
    [
      'with a bundled revision beyond 31 bits',
      'bundle',
      'RevisionNumber="201"',
      'RevisionNumber="4294967295"',
    ],
    ['with a file without digest', 'member-command-line', `Digest="${SHA1}" `, ''],
    ['with a digest of another length', 'member-command-line', SHA1, SHA256],
    ['with a digest that is no base64', 'member-command-line', SHA1, SHA1.replace('C', 'C*')],
    ['with an additional digest of another length', 'member-command-line', SHA256, SHA1],
    ['with an empty additional digest', 'member-command-line', SHA256, ''],
    ['with a file without size', 'member-command-line', ' Size="1048576"', ''],
    ['with a negative size', 'member-command-line', ' Size="1048576"', ' Size="-1"'],
    ['with a size that is no number', 'member-command-line', ' Size="1048576"', ' Size="1 MB"'],
    ['with a size beyond a petabyte', 'member-command-line', ' Size="1048576"', ` Size="1${'0'.repeat(15)}"`],
    ['with a licence without digest', 'eula', 'Digest="8gB8rgNXLmY14E9CvVrSZ77EFGw="', ''],
    ['with a driver for no hardware', 'driver', /HardwareID="[^"]*"/, ''],
    ['with two identities', 'company', /(<upd:UpdateIdentity[^>]*>)/, '$1$1'],
    ['with its rules twice', 'company', /(<upd:ApplicabilityRules>.*<\/upd:ApplicabilityRules>)/, '$1$1'],
    ['that is cut off', 'company', '</upd:Update>', '', 'OAK_XML_MALFORMED'],
    ['with something behind it', 'company', '</upd:Update>', '</upd:Update><x/>', 'OAK_XML_MALFORMED'],
    ['with an unbound prefix', 'company', 'xmlns:lar=', 'xmlns:other=', 'OAK_XML_MALFORMED'],
    ['with an unknown entity', 'company', 'Fernhollow', '&nbsp;', 'OAK_XML_MALFORMED'],
    ['with a document type', 'company', '<upd:Update ', '<!DOCTYPE x><upd:Update ', 'OAK_XML_DTD'],
  ];
  for (const [what, name, from, to, code = 'OAK_DOCUMENT_INVALID'] of cases) {
    it(what, () => {
      assert.equal(
        raised(() => parseUpdateDocument(changed(name, from, to))),
        code,
      );
    });
  }

  it('where it is none at all', () => {
    assert.equal(
      raised(() => parseUpdateDocument(Buffer.from('<Update/>'))),
      'OAK_DOCUMENT_INVALID',
    );
    assert.equal(
      raised(() => parseUpdateDocument(Buffer.of())),
      'OAK_XML_MALFORMED',
    );
    assert.equal(
      raised(() => parseUpdateDocument(Buffer.from([0xc0, 0x80]))),
      'OAK_XML_ENCODING',
    );
  });

  it('where it is a package for local publishing', { skip: skipWithoutFixtures }, () => {
    const folder = fixture('sdp');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.xml'),
    );
    assert.ok(files.length > 10);
    for (const file of files) {
      const code = raised(() => parseUpdateDocument(readFileSync(join(folder, file))));
      assert.equal(code, 'OAK_DOCUMENT_INVALID', file);
    }
  });

  it('with the reason', () => {
    const bad = changed('member-command-line', ' Size="1048576"', '');
    assert.throws(() => parseUpdateDocument(bad), {
      message: 'The document is not a valid update document. The file "console-setup.exe" has no size.',
    });
  });

  it('where it nests too deep', () => {
    const deep = `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`;
    const document = changed('company', '<lar:True />', deep);
    assert.equal(
      raised(() => parseUpdateDocument(document)),
      'OAK_XML_LIMIT',
    );
  });

  for (const name of OWN_DOCUMENTS) {
    it(`nowhere in ${name}`, () => {
      assert.equal(
        raised(() => read(name)),
        'nothing',
      );
    });
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/server/settings.ts';
import { TempFolder } from '../support/temp-store.ts';

/** What in `packaging/` can be checked without Docker, Windows or a running systemd. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Package {
  readonly files: readonly string[];
  readonly bin: { readonly oakum: string };
  readonly scripts: Readonly<Record<string, string>>;
}
const pack = JSON.parse(text('package.json')) as Package;

const environmentNames = new Map(
  Object.keys(SETTINGS).map((key) => [
    `OAKUM_${key
      .replaceAll(/([A-Z])/g, '_$1')
      .replaceAll('.', '_')
      .toUpperCase()}`,
    key,
  ]),
);

/** Every OAKUM_ name in a file is a setting, or the data folder. */
function assertSettings(path: string): void {
  for (const [, name] of text(path).matchAll(/\b(OAKUM_[A-Z][A-Z_]*)\b/g)) {
    assert.ok(name === 'OAKUM_DATA' || environmentNames.has(name), `${path}: ${name} is no setting`);
  }
}

describe('the systemd unit', () => {
  const unit = text('packaging/systemd/oakum.service');
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];
  const analyze = (...args: readonly string[]) =>
    spawnSync('systemd-analyze', args, { encoding: 'utf8', env: { ...process.env, SYSTEMD_COLORS: '0' } });
  const skip = analyze('--version').error === undefined ? false : 'systemd-analyze is not installed';

  /** The unit with a program that exists here. */
  function installed(folder: TempFolder): string {
    const path = join(folder.path, 'oakum.service');
    writeFileSync(path, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    return path;
  }

  test('is one that systemd understands', { skip }, () => {
    using folder = new TempFolder();
    const { status, stdout, stderr } = analyze('verify', installed(folder));
    assert.deepEqual([status, stdout + stderr], [0, '']);
  });

  test('leaves the server next to nothing', { skip }, () => {
    using folder = new TempFolder();
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=20', installed(folder));
    assert.equal(status, 0, stdout.slice(-500));
  });

  test('starts the command as it is installed, and lets it write its state only', () => {
    assert.equal(value('ExecStart'), '/opt/oakum/node_modules/.bin/oakum serve');
    assert.equal(value('Environment'), `OAKUM_DATA=/var/lib/${value('StateDirectory')}`);
    assert.equal(value('ProtectSystem'), 'strict');
    assert.equal(value('ReadWritePaths'), undefined);
    assert.equal(value('NoNewPrivileges'), 'yes');
    // The compiler of JavaScript could not run.
    assert.equal(value('MemoryDenyWriteExecute'), undefined);
    assertSettings('packaging/systemd/oakum.service');
  });
});

describe('the container', () => {
  const lines = text('packaging/docker/Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const of = (instruction: string): string[] =>
    lines.flatMap((line) =>
      line.startsWith(`${instruction} `) ? [line.slice(instruction.length).trim()] : [],
    );
  const ignore = text('packaging/docker/Dockerfile.dockerignore').split('\n');

  test('copies what is there and what its context lets through', () => {
    const sources = of('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(/\s+/).slice(0, -1));
    assert.ok(sources.length > 5);
    for (const source of sources) {
      assert.ok(existsSync(join(ROOT, source)), source);
      assert.ok(ignore.includes(`!${source}`), `${source} is kept out of the build`);
    }
  });

  test('runs scripts that exist, and holds what the package holds', () => {
    for (const [, script] of text('packaging/docker/Dockerfile').matchAll(/npm run (\S+)/g)) {
      assert.ok(pack.scripts[script] !== undefined, script);
    }
    const held = of('COPY').map((copy) => copy.split(/\s+/).at(-1)!);
    for (const needed of ['bin', 'dist', 'docs', 'node_modules']) assert.ok(held.includes(needed), needed);
    assert.ok(of('ENTRYPOINT')[0].includes(`/opt/oakum/${pack.bin.oakum}`));
    assert.deepEqual(of('CMD'), ['["serve"]']);
  });

  test('is nobody in particular, and writes to its volume only', () => {
    assert.deepEqual(of('USER'), ['8530:8530']);
    assert.deepEqual(of('VOLUME'), ['/var/lib/oakum']);
    assert.ok(of('ENV')[0].includes('OAKUM_DATA=/var/lib/oakum'));
    assertSettings('packaging/docker/Dockerfile');
  });

  test('of the compose file has no rights and a read-only root', () => {
    const { services } = parse(text('packaging/docker/docker-compose.yaml')) as {
      readonly services: { readonly oakum: Readonly<Record<string, unknown>> };
    };
    const { oakum } = services;
    assert.equal(oakum.read_only, true);
    assert.equal(oakum.user, '8530:8530');
    assert.deepEqual(oakum.cap_drop, ['ALL']);
    assert.deepEqual(oakum.security_opt, ['no-new-privileges:true']);
    assert.deepEqual(oakum.volumes, ['data:/var/lib/oakum']);
    // Administration is for this machine, unless somebody decides otherwise.
    assert.ok((oakum.ports as string[]).includes('127.0.0.1:8540:8540'));
    assertSettings('packaging/docker/docker-compose.yaml');
  });
});

interface PolicyValue {
  readonly key: string;
  readonly name: string;
  readonly value: string | number;
}

/** Reads version 5 of the format, as far as policies need it. */
function readReg(path: string): PolicyValue[] {
  const bytes = readFileSync(join(ROOT, path));
  assert.ok(
    bytes.every((byte) => byte < 0x80),
    'ASCII needs no byte order mark',
  );
  const all = bytes.toString('latin1');
  assert.ok(!/[^\r]\n/.test(all), 'lines end as on Windows');
  const [head, ...lines] = all.split('\r\n');
  assert.equal(head, 'Windows Registry Editor Version 5.00');
  let key = '';
  return lines.flatMap((line): PolicyValue[] => {
    if (line === '' || line.startsWith(';')) return [];
    const section = /^\[(HKEY_[A-Z_]+\\[^\]]+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      key = section;
      return [];
    }
    const [, name, string, dword] = /^"([^"]+)"=(?:"([^"]*)"|dword:([0-9a-f]{8}))$/.exec(line) ?? [];
    assert.ok(name !== undefined && key !== '', line);
    return [{ key, name, value: dword === undefined ? string : Number.parseInt(dword, 16) }];
  });
}

describe('the Group Policy examples', () => {
  const POLICY = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate';
  const values = readReg('packaging/group-policy/oakum.reg');
  const script = text('packaging/group-policy/Set-OakumClient.ps1');
  const find = (key: string, name: string): string | number | undefined =>
    values.find((one) => one.key === key && one.name === name)?.value;

  test('point every class of updates at this server, and nothing past it', () => {
    assert.equal(find(POLICY, 'WUServer'), 'http://updates.example.com:8530');
    assert.equal(find(POLICY, 'WUStatusServer'), find(POLICY, 'WUServer'));
    assert.equal(find(POLICY, 'UpdateServiceUrlAlternate'), '');
    assert.equal(find(`${POLICY}\\AU`, 'UseWUServer'), 1);
    assert.equal(find(`${POLICY}\\AU`, 'UseUpdateClassPolicySource'), 1);
    for (const kind of ['Feature', 'Quality', 'Driver', 'Other']) {
      assert.equal(find(POLICY, `SetPolicyDrivenUpdateSourceFor${kind}Updates`), 1);
    }
    assert.equal(find(POLICY, 'DoNotConnectToWindowsUpdateInternetLocations'), 1);
    // A user's proxy could answer for the server.
    assert.equal(find(POLICY, 'SetProxyBehaviorForUpdateDetection'), 0);
  });

  test('say the same in both forms, and the script takes back what it writes', () => {
    const [, writes = '', removes = ''] =
      /function Get-Values \{([\s\S]*?)\n\}[\s\S]*?function Get-Names \{([\s\S]*?)\n\}/.exec(script) ?? [];
    for (const { key, name, value } of values) {
      const group = key === POLICY ? '$policy' : '$automatic';
      const kind = /^SetPolicyDrivenUpdateSourceFor(.*)Updates$/.exec(name)?.[1];
      const written = kind === undefined ? name : 'SetPolicyDrivenUpdateSourceFor${class}Updates';
      const line = writes
        .split('\n')
        .find((one) => one.includes(`'${written}'`) || one.includes(`"${written}"`));
      assert.ok(line !== undefined, `${name} is not written`);
      assert.ok(line.includes(`Key = ${group};`), `${name} is not written to ${key}`);
      assert.ok(line.includes(`Type = '${typeof value === 'number' ? 'DWord' : 'String'}'`), name);
      const literal = /Value = (\d+) \}/.exec(line)?.[1];
      if (literal !== undefined) assert.equal(Number(literal), value, name);
      assert.ok(removes.includes(`'${name}'`), `${name} is not taken back`);
    }
  });

  test('in PowerShell can be tried without doing anything, and close what they open', () => {
    assert.match(script, /CmdletBinding\(SupportsShouldProcess/);
    // Strings, comments and here-documents aside, brackets close in their order.
    const code = script.replaceAll(/<#[\s\S]*?#>|#.*$|'[^'\n]*'|"[^"\n]*"/gm, '');
    const open: string[] = [];
    for (const [bracket] of code.matchAll(/[()[\]{}]/g)) {
      if ('([{'.includes(bracket)) open.push(bracket);
      else assert.equal('([{'.indexOf(open.pop() ?? ''), ')]}'.indexOf(bracket));
    }
    assert.deepEqual(open, []);
    // Whatever changes the computer asks first.
    for (const change of ['New-ItemProperty', 'Remove-ItemProperty', 'Restart-Service', '.Add(']) {
      const before = script.slice(0, script.indexOf(change));
      assert.ok(before.slice(-400).includes('ShouldProcess'), change);
    }
  });
});

test('the package holds what packaging and documentation name', () => {
  for (const folder of ['bin', 'dist', 'docs', 'packaging']) assert.ok(pack.files.includes(folder), folder);
  const named = [...text('docs/deploy.md').matchAll(/`(?:\.\.\/)?(packaging\/[^`\s]+)`/g)].map(
    (match) => match[1],
  );
  assert.ok(named.length > 3);
  for (const path of named) assert.ok(existsSync(join(ROOT, path)), path);
  const files = readdirSync(join(ROOT, 'packaging'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.dockerignore'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
  for (const path of files) assert.ok(named.includes(path), `docs/deploy.md does not name ${path}`);
});

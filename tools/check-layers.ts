/**
 * Holds the layers: imports between the rooms of src/ go down this list only, and no file reaches itself.
 * Run by `npm run check`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOMS = [
  'errors',
  'xml',
  'soap',
  'protocol',
  'metadata',
  'catalog',
  'fleet',
  'content',
  'services',
  'store',
  'import',
  'admin',
  'sample',
  'synthetic',
  'agent',
  'api',
  'server',
  'cli',
];

/** Rooms that a room above them must not reach although the order would allow it. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  // The catalogue and the services know ports; what implements them is put in by the composition root.
  store: ['services', 'content'],
  agent: ['store', 'admin', 'services', 'import'],
  admin: ['services'],
  api: ['services', 'agent', 'sample', 'synthetic'],
  import: ['services', 'content'],
};

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /(?<!\.test|\.conformance)\.ts$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

const imports = new Map(files.map((file) => [file, importsOf(file)]));
const problems = [...layerProblems(), ...cycles()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${files.length} files keep to their layers`);

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^\s*(?:import|export)\b[^;]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gms);
  return [...found].map((match) => resolve(dirname(file), match[1] ?? match[2] ?? ''));
}

function roomOf(file: string): string {
  return relative(source, file).split(sep)[0] ?? '';
}

function* layerProblems(): Generator<string> {
  for (const [file, targets] of imports) {
    const room = roomOf(file);
    if (!ROOMS.includes(room)) yield `${relative(root, file)} is in no known room`;
    for (const target of targets) {
      const other = roomOf(target);
      const allowed = ROOMS.indexOf(other) <= ROOMS.indexOf(room) && !FORBIDDEN[room]?.includes(other);
      if (!allowed) yield `${relative(root, file)} must not import ${relative(root, target)}`;
    }
  }
}

function* cycles(): Generator<string> {
  const done = new Set<string>();
  const path: string[] = [];
  function* visit(file: string): Generator<string> {
    const at = path.indexOf(file);
    if (at >= 0) {
      yield `cycle: ${[...path.slice(at), file].map((one) => relative(root, one)).join(' -> ')}`;
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of imports.get(file) ?? []) yield* visit(target);
    path.pop();
    done.add(file);
  }
  for (const file of files) yield* visit(file);
}

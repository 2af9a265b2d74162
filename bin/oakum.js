#!/usr/bin/env node
// Plain JavaScript on purpose: it must parse on any Node.js, to say in one sentence what is wrong.
import { existsSync } from 'node:fs';

const FLOOR = [24, 7];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1])) {
  process.stderr.write(
    `oakum needs Node.js ${FLOOR.join('.')} or newer and was started with ${process.version} (${process.execPath}).\n` +
      'In a checkout use "npm start" or "npm run -s oakum --", which bring their own Node.js; ' +
      'elsewhere install a newer Node.js and start oakum with it.\n',
  );
  process.exit(1);
}

// An installed package carries compiled JavaScript; a checkout runs its TypeScript sources directly.
const compiled = new URL('../dist/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import((existsSync(source) ? source : compiled).href);
await main(process.argv);

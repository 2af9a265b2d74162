// The module `oakum/agent`. An installed package carries compiled JavaScript; a checkout runs its sources directly.
import { existsSync } from 'node:fs';

const compiled = new URL('../dist/agent/index.js', import.meta.url);
const source = new URL('../src/agent/index.ts', import.meta.url);
export const {
  Agent,
  AgentFailure,
  explainUpdate,
  explanationText,
  formatHresult,
  loadAgent,
  machineToJson,
  parseMachine,
  profile,
  profileNames,
  saveAgent,
} = await import((existsSync(source) ? source : compiled).href);

/**
 * The simulated Windows Update Agent as a library, imported as `oakum/agent`: a computer from a profile or a
 * machine model, which scans, installs and reports against any WSUS-compatible server.
 */
export { Agent, type AgentOptions, type ScanReport } from './agent.ts';
export { AgentFailure } from './agent-failure.ts';
export { explainUpdate, type UpdateExplanation } from './evaluation/explain-update.ts';
export { explanationText } from './evaluation/explanation-text.ts';
export { formatHresult } from './hresult.ts';
export type { InstallOutcome } from './installer.ts';
export { machineToJson, parseMachine } from './machine/machine-json.ts';
export type { Machine } from './machine/machine.ts';
export { profile, profileNames, type Profile } from './machine/profiles/profile.ts';
export type { OfferedUpdate, Provocation } from './offered-update.ts';
export { loadAgent, saveAgent } from './state-folder.ts';

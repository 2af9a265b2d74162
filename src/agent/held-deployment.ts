import type { Deployment } from '../protocol/wusp/client.ts';
import type { Decoded } from '../soap/message-type.ts';
import { AgentFailure } from './agent-failure.ts';
import type { HeldDeployment } from './agent-state.ts';

/** A deployment as it is kept. One without an action breaks a real agent's whole scan. */
export function heldDeployment(deployment: Decoded<typeof Deployment> | null | undefined): HeldDeployment {
  if (!deployment?.Action) throw new AgentFailure('E_INVALIDARG', 'an update came without a Deployment');
  return {
    id: deployment.ID ?? 0,
    action: deployment.Action,
    isAssigned: deployment.IsAssigned === true,
    deadline: deployment.Deadline ?? undefined,
  };
}

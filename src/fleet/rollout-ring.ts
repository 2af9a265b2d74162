import { Type, type Static } from 'typebox';
import { declared } from './declared.ts';

const shareOf = (value: number, description: string) =>
  Type.Number({ default: value, minimum: 0, maximum: 1, description });

const STEP = Type.Object(
  {
    group: Type.String({ minLength: 1, maxLength: 256, description: 'The group, by name or id.' }),
    afterHours: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 87_600,
      description: 'Hours after the step before was approved; for the first one, after the start.',
    }),
    minSuccess: shareOf(
      0.9,
      'Share of the computers that want the update, or have said nothing yet, that must have it before the next step.',
    ),
    maxFailure: shareOf(0.1, 'Share of the computers with a result that may have failed.'),
    minResults: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Results before the share of failures counts.',
    }),
    deadlineDays: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3650,
        description: 'Days after the approval; no deadline unless given.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Everything a ring can say, once: an ordered list of groups, and what must hold before the next one. */
export const ROLLOUT_RING = Type.Object(
  {
    action: Type.Enum(['install', 'optional'], {
      default: 'install',
      description: 'What clients do.',
    }),
    steps: Type.Array(STEP, { minItems: 1, maxItems: 100, description: 'The groups, first to last.' }),
  },
  { additionalProperties: false },
);

export type RolloutRing = Static<typeof ROLLOUT_RING>;
export type RingStep = RolloutRing['steps'][number];

/** @throws OakumError OAK_RING_INVALID */
export function parseRolloutRing(data: unknown): RolloutRing {
  return declared(ROLLOUT_RING, data, 'OAK_RING_INVALID');
}

/** How an update stands in a group and those below it. */
export interface StepCounts {
  readonly installed: number;
  readonly failed: number;
  /** Needed, downloaded or waiting for a restart. */
  readonly needed: number;
  /** Computers that have not said yet. */
  readonly unknown: number;
  /** Failures by their code. */
  readonly codes: ReadonlyMap<number, number>;
}

export const HALT_KINDS = ['failures', 'declined', 'expired', 'licence'] as const;

export interface HaltReason {
  readonly kind: (typeof HALT_KINDS)[number];
  /** The group where it failed. */
  readonly group?: string;
  readonly failed?: number;
  readonly results?: number;
  readonly limit?: number;
  /** Most frequent first. */
  readonly codes?: readonly { readonly hresult: number; readonly computers: number }[];
}

/** What a rollout has to be asked to know what it does next. */
export interface RolloutProgress {
  readonly ring: RolloutRing;
  /** How many steps were approved. */
  readonly step: number;
  /** When the last of them was; before the first, when the rollout began. */
  readonly stepMs: number;
  /** Failures per step that somebody has seen and resumed in spite of. */
  readonly forgiven: readonly number[];
}

export type RolloutMove =
  | { readonly kind: 'approve'; readonly step: number }
  | { readonly kind: 'halt'; readonly reason: HaltReason }
  | { readonly kind: 'finish' }
  | { readonly kind: 'wait'; readonly why: 'time'; readonly untilMs: number }
  | { readonly kind: 'wait'; readonly why: 'success'; readonly share: number; readonly needed: number };

const HOUR_MS = 3_600_000;

/**
 * What becomes of a rollout now. Every step that was approved is watched until the end: too many failures in any of
 * them halt it. After the last step it is finished when that one has succeeded too.
 *
 * @param counts of each approved step's group, in order
 */
export function nextMove(
  progress: RolloutProgress,
  counts: readonly StepCounts[],
  nowMs: number,
): RolloutMove {
  const { ring, step, stepMs } = progress;
  for (let index = 0; index < step; index++) {
    const reason = tooManyFailures(ring.steps[index], counts[index], progress.forgiven[index] ?? 0);
    if (reason !== undefined) return { kind: 'halt', reason };
  }
  const next = ring.steps.at(step);
  if (next !== undefined) {
    const untilMs = stepMs + next.afterHours * HOUR_MS;
    if (untilMs > nowMs) return { kind: 'wait', why: 'time', untilMs };
  }
  if (step > 0) {
    const share = successShare(counts[step - 1]);
    const { minSuccess } = ring.steps[step - 1];
    if (share < minSuccess) return { kind: 'wait', why: 'success', share, needed: minSuccess };
  }
  return next === undefined ? { kind: 'finish' } : { kind: 'approve', step };
}

/** Of the computers the update concerns; whoever has said nothing may be one. 1 when it concerns none. */
export function successShare({ installed, failed, needed, unknown }: StepCounts): number {
  const all = installed + failed + needed + unknown;
  return all === 0 ? 1 : installed / all;
}

function tooManyFailures(step: RingStep, counts: StepCounts, forgiven: number): HaltReason | undefined {
  const failed = Math.max(0, counts.failed - forgiven);
  const results = counts.installed + failed;
  if (failed === 0 || results < step.minResults || failed / results <= step.maxFailure) return undefined;
  const codes = [...counts.codes].sort(([code, many], [other, more]) => more - many || code - other);
  return {
    kind: 'failures',
    group: step.group,
    failed,
    results,
    limit: step.maxFailure,
    codes: codes.map(([hresult, computers]) => ({ hresult, computers })),
  };
}

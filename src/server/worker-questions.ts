import cluster from 'node:cluster';
import type { Unready } from './health/readiness.ts';
import type { CollectedMetrics } from './metrics/metrics-registry.ts';

/** What the first process asks those that serve, and what they answer. */
interface Questions {
  readonly metrics: {
    readonly question: {
      /** Also the figures that are the same for all. */
      readonly withStore: boolean;
    };
    readonly answer: readonly CollectedMetrics[];
  };
  readonly readiness: { readonly question: Record<string, never>; readonly answer: readonly Unready[] };
}

type Subject = keyof Questions;

/** How each process answers. */
export type Answers = {
  readonly [Name in Subject]: (question: Questions[Name]['question']) => Promise<Questions[Name]['answer']>;
};

interface QuestionMessage {
  readonly ask: Subject;
  readonly id: number;
  readonly question: never;
}

interface AnswerMessage {
  readonly answers: number;
  readonly answer: unknown;
}

/** A process that takes longer is not waited for: it is stuck, or has just died. */
const PATIENCE_MS = 3_000;

let asked = 0;

/** Lets this process answer the one that started it. */
export function answerQuestions(answers: Answers): void {
  process.on('message', (message: Partial<QuestionMessage>) => {
    const { ask, id, question } = message;
    if (ask === undefined || id === undefined || question === undefined) return;
    void answers[ask](question).then(
      (answer) => process.send?.({ answers: id, answer } satisfies AnswerMessage),
      // Whoever asks goes on without an answer.
      () => undefined,
    );
  });
}

/**
 * Asks all processes that serve.
 *
 * @param question for each of them, the first one being 0
 * @returns the answers of those that gave one in time, and how many were asked
 */
export async function askWorkers<Name extends Subject>(
  ask: Name,
  question: (index: number) => Questions[Name]['question'],
): Promise<{ readonly answers: readonly Questions[Name]['answer'][]; readonly asked: number }> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected() === true);
  const answers = await Promise.all(
    workers.map(
      (worker, index) =>
        new Promise<Questions[Name]['answer'] | undefined>((resolve) => {
          const id = ++asked;
          const settle = (answer: Questions[Name]['answer'] | undefined): void => {
            clearTimeout(timer);
            worker?.off('message', listen);
            worker?.off('exit', gone);
            resolve(answer);
          };
          const listen = (message: Partial<AnswerMessage>): void => {
            if (message.answers === id) settle(message.answer as Questions[Name]['answer']);
          };
          const gone = (): void => settle(undefined);
          const timer = setTimeout(gone, PATIENCE_MS);
          worker?.on('message', listen);
          worker?.once('exit', gone);
          // Without a callback a process that dies now would take this one along.
          worker?.send({ ask, id, question: question(index) }, (error) => {
            if (error !== null) gone();
          });
        }),
    ),
  );
  return { answers: answers.filter((answer) => answer !== undefined), asked: workers.length };
}

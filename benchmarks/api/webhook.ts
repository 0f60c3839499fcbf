/** An incoming call in a process of its own that runs Node as a function of a stage does. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { nodeOptions } from '#lib/api/function-table.ts';

export interface WebhookTimes {
  /** `POST /call/incoming`, milliseconds each; one list a round. */
  readonly call: readonly (readonly number[])[];
  /** Its requests to the database and nothing else. */
  readonly requests: readonly (readonly number[])[];
  /** The processor alone: a loop that takes as long as half of the calls. */
  readonly loop: readonly (readonly number[])[];
}

export interface Rounds {
  readonly rounds: number;
  readonly callsPerRound: number;
}

/** Rejects when the process ends without its figures. */
export async function measureWebhook({ rounds, callsPerRound }: Rounds): Promise<WebhookTimes> {
  const child = fork(
    path.join(import.meta.dirname, 'webhook-process.ts'),
    [String(rounds), String(callsPerRound)],
    // The lines of the function would bury the figures.
    { execArgv: [...nodeOptions], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The measuring process ended with ${code}.`);
  });
  const [times] = (await Promise.race([once(child, 'message'), ended])) as [WebhookTimes];
  child.kill();
  await ended.catch(() => undefined);
  return times;
}

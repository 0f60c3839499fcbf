/** The scheduled jobs of a stage on timers. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createLambdaContext } from './http/lambda-context.ts';
import type { Log } from './logs/output.ts';

/** A function's own time limit; EventBridge Scheduler waits for nothing. */
const jobTimeoutMs = 60_000;

export interface ScheduledJob {
  /** Name of the function, one file in `lambdas/jobs`. */
  readonly name: string;
  readonly everyMs: number;
  readonly handler: (event: object, context: Context) => unknown;
}

/** Runs each job every so often, never twice at once. @returns stops them. */
export function scheduleJobs(jobs: readonly ScheduledJob[], log: Log): () => void {
  const timers = jobs.map((job) => {
    let running = false;
    const run = async () => {
      if (running) return;
      running = true;
      try {
        const requestId = randomUUID();
        const context = createLambdaContext({ functionName: job.name, requestId, timeoutMs: jobTimeoutMs });
        await job.handler({ source: 'local', time: new Date().toISOString() }, context);
      } catch (error) {
        log('error', 'local.job-failed', {
          job: job.name,
          error: error instanceof Error ? error.name : 'unknown',
        });
      } finally {
        running = false;
      }
    };
    return setInterval(() => void run(), job.everyMs);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

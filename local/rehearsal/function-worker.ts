/** Runs inside a worker: one function, its own environment, one event after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { createLambdaContext } from '../http/lambda-context.ts';

const { file, handler, functionName, timeoutMs } = z
  .object({ file: z.string(), handler: z.string(), functionName: z.string(), timeoutMs: z.number() })
  .parse(workerData);

const loaded = (await import(file)) as Record<string, unknown>;
const run = loaded[handler];
if (typeof run !== 'function') throw new Error(`${functionName} exports no ${handler}`);

parentPort?.on('message', ({ id, event }: { id: number; event: unknown }) => {
  const context = createLambdaContext({ functionName, requestId: String(id), timeoutMs });
  Promise.resolve()
    .then((): unknown => run(event, context))
    .then(
      // What a function answers leaves it as JSON.
      (result) => parentPort?.postMessage({ id, result: JSON.stringify(result ?? null) }),
      (error: unknown) =>
        parentPort?.postMessage({ id, error: error instanceof Error ? error.name : typeof error }),
    );
});

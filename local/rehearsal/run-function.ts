/** One function of a stage, from its bundle, with nothing around it: its own process environment, far from our packages. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { StageFunction } from './stage-parts.ts';

export interface RunningFunction {
  /** Starts it on the first event. Rejects when it throws, or takes longer than its timeout. */
  invoke(event: object): Promise<unknown>;
  close(): Promise<void>;
}

export interface RunFunctionOptions {
  /** An empty folder with no `node_modules` above it. */
  readonly folder: string;
  /** Beyond its own variables: what Lambda gives, and where this machine keeps the services. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
}

interface Answer {
  readonly id: number;
  /** 0 is said once, when the function is loaded. */
  readonly result?: string;
  readonly error?: string;
}

/** Loading has a limit of its own, which a busy machine may need; the function's begins behind it. */
const loadTimeoutMs = 60_000;

type Waiting = Map<number, (answer: Answer) => void>;

export function runFunction(spec: StageFunction, options: RunFunctionOptions): RunningFunction {
  const folder = path.join(options.folder, spec.name);
  const waiting: Waiting = new Map();
  let worker: Worker | undefined;
  let loaded: Promise<Answer> | undefined;
  let invocations = 0;

  const start = (): Worker => {
    cpSync(spec.folder, folder, { recursive: true });
    const started = new Worker(new URL('function-worker.ts', import.meta.url), {
      env: { ...spec.variables, ...options.variables },
      workerData: {
        file: pathToFileURL(path.join(folder, 'index.cjs')).href,
        handler: spec.handler,
        functionName: spec.name,
        timeoutMs: spec.timeoutMs,
      },
      stdout: true,
    });
    started.stdout.on('data', (data: Buffer) => options.onOutput(data.toString()));
    started.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
    started.on('error', (error) => {
      for (const [id, answer] of waiting) answer({ id, error: `could not run: ${error.message}` });
      worker = undefined;
    });
    return started;
  };

  return {
    async invoke(event) {
      worker ??= start();
      loaded ??= answerWithin(0, waiting, loadTimeoutMs, () => undefined);
      const load = await loaded;
      if (load.error !== undefined) throw new Error(`${spec.name}: ${load.error}`);
      const running = worker;
      invocations += 1;
      const id = invocations;
      const answer = await answerWithin(id, waiting, spec.timeoutMs, () =>
        running.postMessage({ id, event }),
      );
      if (answer.error !== undefined) throw new Error(`${spec.name}: ${answer.error}`);
      return JSON.parse(answer.result ?? 'null') as unknown;
    },
    async close() {
      await worker?.terminate();
    },
  };
}

async function answerWithin(
  id: number,
  waiting: Waiting,
  timeoutMs: number,
  ask: () => void,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      timer = setTimeout(() => resolve({ id, error: `no answer within ${timeoutMs} ms` }), timeoutMs);
      ask();
    });
  } finally {
    clearTimeout(timer);
    waiting.delete(id);
  }
}

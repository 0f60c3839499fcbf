/** A child process that is started again when it dies, until it is told to stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createLineSplitter } from '../logs/line-splitter.ts';
import { settingProblemExitCode } from './ports.ts';

/** A process that ran this long was healthy: it is started again after the first delay. */
const healthyAfterMs = 10_000;
const firstDelayMs = 1_000;
const delayMsMax = 15_000;

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  /** Asked at each start. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
  readonly onStart: (pid: number) => void;
  /** It died on its own and will be started again after `delayMs`. */
  readonly onRestart: (why: { readonly exit: string; readonly delayMs: number }) => void;
  /** It cannot be started with these settings, or died before it was ever declared ready. */
  readonly onGivenUp: (exit: string) => void;
}

export interface SupervisedChild {
  readonly pid: number | undefined;
  /** From now on a death is followed by a restart. */
  declareReady(): void;
  /** Ends the process kindly, to be started again with its environment as it is then. */
  restart(): void;
  /** Ends it at once. */
  kill(): void;
  /** SIGTERM, and SIGKILL after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export function superviseChild(options: ChildOptions): SupervisedChild {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ready = false;
  let stopping = false;
  let delayMs = firstDelayMs;

  const start = () => {
    const startedAtMs = performance.now();
    const started = launch(options);
    child = started;
    if (started.pid !== undefined) options.onStart(started.pid);
    let over = false;
    const onEnd = (exit: string, code?: number | null) => {
      if (over) return;
      over = true;
      child = undefined;
      if (stopping) return;
      if (!ready || code === settingProblemExitCode) return options.onGivenUp(exit);
      const ranMs = performance.now() - startedAtMs;
      delayMs = ranMs >= healthyAfterMs ? firstDelayMs : delayMs;
      options.onRestart({ exit, delayMs });
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(delayMs * 2, delayMsMax);
      return undefined;
    };
    started.once('error', (error) => onEnd(error.message));
    started.once('exit', (code, signal) => onEnd(signal ?? `code ${code}`, code));
  };
  start();

  return {
    get pid() {
      return child?.pid;
    },
    declareReady() {
      ready = true;
    },
    restart() {
      child?.kill('SIGTERM');
    },
    kill() {
      child?.kill('SIGKILL');
    },
    async stop(timeoutMs) {
      stopping = true;
      clearTimeout(timer);
      if (child) await endChild(child, timeoutMs);
    },
  };
}

/** In a process group of its own, so that a Ctrl-C reaches the supervisor only, which stops things in order. */
function launch(options: ChildOptions): ChildProcess {
  const child = spawn(process.execPath, [options.script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...options.env() } as NodeJS.ProcessEnv,
  });
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createLineSplitter(options.onLine);
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => lines.push(text));
    stream?.once('close', () => lines.flush());
  }
  return child;
}

async function endChild(child: ChildProcess, timeoutMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  try {
    child.kill('SIGTERM');
    await ended;
  } finally {
    clearTimeout(timer);
  }
}

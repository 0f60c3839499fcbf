/** Media services behind a load balancer: started, drained, killed, replaced. */
import { type MediaTask, startMediaTask } from '#tests/support/media-task.ts';
import type { TcpLoadBalancer } from '#tests/support/tcp-load-balancer.ts';

export interface Fleet {
  /** Starts so many more and sends new calls to them too. */
  grow(count: number): Promise<void>;
  /** Kills the oldest, as a machine that dies. @returns the calls that were on it. */
  killOldest(): readonly string[];
  /** Deregisters the oldest and tells it to stop, as a deploy does. @returns the calls that were on it. */
  drainOldest(): readonly string[];
  /** All lines of all of them, also of those that are gone. */
  lines(): readonly Record<string, unknown>[];
  stop(): void;
}

/** A drain waits for the longest goodbye. */
const drainTimeoutMs = 60_000;

export function createFleet(balancer: TcpLoadBalancer, env: Readonly<Record<string, string>>): Fleet {
  const all: MediaTask[] = [];
  const serving: { readonly name: string; readonly task: MediaTask }[] = [];

  const takeOldest = () => {
    const oldest = serving.shift();
    if (oldest === undefined) throw new Error('No media service is running');
    return oldest;
  };
  const callsOn = (task: MediaTask) => {
    const of = (msg: string) =>
      task
        .lines()
        .filter((line) => line['msg'] === msg)
        .map((line) => String(line['callSid']));
    const ended = new Set(of('call.ended'));
    return of('call.started').filter((callSid) => !ended.has(callSid));
  };
  const drainings: Promise<unknown>[] = [];

  return {
    async grow(count) {
      await Promise.all(
        Array.from({ length: count }, async () => {
          const task = await startMediaTask(env);
          const name = `task ${all.push(task)}`;
          serving.push({ name, task });
          balancer.register(name, task.port);
        }),
      );
    },
    killOldest() {
      const { name, task } = takeOldest();
      const calls = callsOn(task);
      task.kill();
      void balancer.deregister(name, { delayMs: 0, stragglers: 0 });
      return calls;
    },
    drainOldest() {
      const { name, task } = takeOldest();
      const calls = callsOn(task);
      void balancer.deregister(name, { delayMs: drainTimeoutMs, stragglers: 0 });
      drainings.push(task.stop(drainTimeoutMs));
      return calls;
    },
    lines: () => all.flatMap((task) => task.lines()),
    stop() {
      for (const task of all) task.kill();
    },
  };
}

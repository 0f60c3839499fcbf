/** Media services behind a load balancer: started, drained, killed, replaced. */
import { type MediaTask, startMediaTask } from '#tests/support/media-task.ts';
import type { TcpLoadBalancer } from '#tests/support/tcp-load-balancer.ts';

export interface Fleet {
  /** Starts so many more and sends new calls to them too. */
  grow(count: number): Promise<void>;
  /** Calls on the one that has most. */
  callsOnBusiest(): number;
  /** Kills the busiest, as a machine that dies. */
  killBusiest(): void;
  /** Deregisters the busiest and tells it to stop, as a deploy does. */
  drainBusiest(): void;
  /** All lines of all of them, also of those that are gone. */
  lines(): readonly Record<string, unknown>[];
  stop(): void;
}

/** A drain waits for the longest goodbye. */
const drainTimeoutMs = 60_000;

export function createFleet(balancer: TcpLoadBalancer, env: Readonly<Record<string, string>>): Fleet {
  const all: MediaTask[] = [];
  const serving: { readonly name: string; readonly task: MediaTask }[] = [];

  const callsOn = (task: MediaTask) => {
    const of = (msg: string) =>
      task
        .lines()
        .filter((line) => line['msg'] === msg)
        .map((line) => String(line['callSid']));
    const ended = new Set(of('call.ended'));
    return of('call.started').filter((callSid) => !ended.has(callSid));
  };
  const busiest = () => serving.toSorted((a, b) => callsOn(b.task).length - callsOn(a.task).length)[0];
  const takeBusiest = () => {
    const taken = busiest();
    if (taken === undefined) throw new Error('No media service is running');
    serving.splice(serving.indexOf(taken), 1);
    return taken;
  };

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
    callsOnBusiest() {
      const found = busiest();
      return found === undefined ? 0 : callsOn(found.task).length;
    },
    killBusiest() {
      const { name, task } = takeBusiest();
      task.kill();
      void balancer.deregister(name, { delayMs: 0, stragglers: 0 });
    },
    drainBusiest() {
      const { name, task } = takeBusiest();
      void balancer.deregister(name, { delayMs: drainTimeoutMs, stragglers: 0 });
      void task.stop(drainTimeoutMs);
    },
    lines: () => all.flatMap((task) => task.lines()),
    stop() {
      for (const task of all) task.kill();
    },
  };
}

/** Asks ECS not to choose a task with calls when it scales in. Nothing happens outside ECS. */
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';

/** How often the state is looked at, and for how long a protection holds: renewed long before it ends. */
const everyMs = 30_000;
const holdsMinutes = 5;
/** A slow agent must not hold anything up. */
const requestTimeoutMs = 2_000;

export interface TaskProtection {
  stop(): void;
}

/** @param agentUri `ECS_AGENT_URI` of the task; undefined outside ECS. */
export function protectTask(options: {
  readonly agentUri: string | undefined;
  readonly activeCalls: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): TaskProtection {
  const { agentUri, activeCalls, clock, telemetry } = options;
  if (agentUri === undefined) return { stop: () => undefined };
  let wanted = false;
  let cancel: () => void = () => undefined;

  const put = async (enabled: boolean) => {
    try {
      const response = await fetch(`${agentUri}/task-protection/v1/state`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          enabled
            ? { ProtectionEnabled: true, ExpiresInMinutes: holdsMinutes }
            : { ProtectionEnabled: false },
        ),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      await response.arrayBuffer();
      if (!response.ok) telemetry.log('warn', { msg: 'task-protection.refused', status: response.status });
    } catch {
      telemetry.log('warn', { msg: 'task-protection.unreachable' });
    }
  };

  const look = () => {
    const enabled = activeCalls() > 0;
    if (enabled || wanted) void put(enabled);
    wanted = enabled;
    cancel = clock.setTimer(everyMs, look);
  };
  look();
  return { stop: () => cancel() };
}

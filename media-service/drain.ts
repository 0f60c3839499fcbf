/** How the process ends: no new calls, the running ones to their end or a spoken goodbye, then out in time. */
import type { Server } from 'node:http';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallRegistry } from './call-registry.ts';

export interface DrainSettings {
  /** How long streams are still accepted: a load balancer sends some after it began to deregister us. */
  readonly acceptMs: number;
  /** Running calls may go on for this long; then each says goodbye. */
  readonly graceMs: number;
  /** Time for those goodbyes; then the calls are cut. Fargate kills 120 s after SIGTERM. */
  readonly goodbyeMs: number;
}

export async function drain(options: {
  readonly server: Server;
  readonly registry: CallRegistry;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly settings: DrainSettings;
}): Promise<void> {
  const { server, registry, clock, telemetry, settings } = options;
  telemetry.log('info', { msg: 'drain.started', activeCalls: registry.active });
  await wait(clock, settings.acceptMs);
  registry.stopAdmitting();
  await Promise.race([registry.emptied(), wait(clock, settings.graceMs)]);
  for (const call of registry.calls()) call.wrapUp('drained');
  await Promise.race([registry.emptied(), wait(clock, settings.goodbyeMs)]);
  for (const call of registry.calls()) call.onStreamEnd();
  await Promise.allSettled(registry.calls().map(({ done }) => done));
  server.close();
  server.closeAllConnections();
  telemetry.log('info', { msg: 'drain.finished' });
  telemetry.flush();
}

function wait(clock: Clock, ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.setTimer(ms, resolve));
}

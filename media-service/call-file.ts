/** A call's record while the call runs: opened, kept alive, and closed exactly once. */

import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { limits } from '#core/limits.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallEnding, CallRecord } from '#core/records/call-record.ts';

export interface CallFile {
  /** Marks the record as in progress, or makes it when the webhook could not. Never rejects. */
  open(): Promise<void>;
  flagCrisis(): void;
  /** Says that the call is alive. */
  touch(turnCount: number): void;
  /**
   * Ends the call. The one who ends it in the store writes the lines; a store that was away from beginning to end
   * gets them from here too, and one that fails only now leaves them to the stale-call job.
   */
  close(ending: CallEnding, transferTo?: string): Promise<void>;
}

export function createCallFile(options: {
  readonly claims: StreamClaims;
  readonly retentionDays: number;
  readonly store: CallStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly onFailure: (error: unknown) => void;
}): CallFile {
  const { claims, store, clock, telemetry, onFailure } = options;
  const { callSid, role, direction } = claims;
  /** Whether the store is known to hold a record of this call. */
  let known = false;
  let opening: Promise<void> = Promise.resolve();

  const newRecord = (): CallRecord => {
    const now = clock.now();
    return {
      callSid,
      status: 'in-progress',
      role,
      direction,
      numberMasked: claims.callerMasked,
      callerHash: claims.callerHash,
      ...(claims.keyId === undefined ? {} : { keyId: claims.keyId }),
      ...(claims.tollFree === undefined ? {} : { tollFree: claims.tollFree }),
      startedAt: now.toISOString(),
      aliveAt: now.toISOString(),
      turnCount: 0,
      expiresAt: Math.ceil(now.getTime() / 1000 + options.retentionDays * 86_400),
    };
  };

  const open = async () => {
    try {
      const found = await store.update(callSid, {
        status: 'in-progress',
        aliveAt: clock.now().toISOString(),
      });
      if (!found) await store.create(newRecord());
      known = true;
    } catch (error) {
      onFailure(error);
    }
  };

  const emitEnd = (ending: CallEnding) => {
    const { outcome, durationSecs, turnCount, costSummary } = ending;
    const call = { callSid, role, direction, outcome, durationSecs, turnCount };
    telemetry.emit('info', { msg: 'call.ended', ...call });
    telemetry.emit('info', { msg: 'cost.call.summary', ...call, ...costSummary });
  };

  const finish = async (ending: CallEnding): Promise<boolean | undefined> => {
    for (let attempt = 1; attempt <= limits.finishAttemptsMax; attempt += 1) {
      try {
        if (!known) await store.create(newRecord());
        return await store.finish(callSid, ending);
      } catch (error) {
        onFailure(error);
      }
    }
    return undefined;
  };

  const change = (fields: Parameters<CallStore['update']>[1]) => {
    opening = opening.then(() => store.update(callSid, fields)).then(() => undefined, onFailure);
  };

  return {
    open() {
      opening = open();
      return opening;
    },
    flagCrisis: () => change({ crisis: true }),
    touch: (turnCount) => change({ aliveAt: clock.now().toISOString(), turnCount }),
    async close(ending, transferTo) {
      if (transferTo !== undefined) change({ nextStep: 'transfer', transferTo });
      // Else the caller would seem to be on their way back still.
      else if (claims.returning) change({ nextStep: 'hang-up' });
      await opening;
      const ended = await finish(ending);
      if (ended === true || (ended === undefined && !known)) emitEnd(ending);
    },
  };
}

/** What a call costs while it runs: charges become cost events, stored in batches and summed at the end. */
import type { CostEvent } from '#core/costs/cost-event.ts';
import { createLedger } from '#core/costs/ledger.ts';
import type { Prices } from '#core/costs/prices.ts';
import { settleCall } from '#core/costs/settle-call.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CostSummary, Direction } from '#core/records/call-record.ts';
import type { AssistantTurn } from './assistant-turn.ts';

export interface CallAccount {
  /** What an assistant turn has bought so far; called again as it goes on, and when nothing of it runs any more. */
  chargeTurn(turn: AssistantTurn, options?: { readonly running?: boolean }): void;
  /** What is bought by time, from the beginning until now. */
  chargeTime(options: { readonly durationSecs: number; readonly recognisedSecs: number }): void;
  /** Hands to the store what is new. Never rejects. */
  save(options?: { readonly all?: boolean }): Promise<void>;
  /** Dollars so far of everything whose price is known. */
  knownUsd(): number;
  summary(): CostSummary;
  /** After the end: takes into the summary what others have written of this call meanwhile. Never rejects. */
  settle(): Promise<void>;
}

const leastSecs = 0.001;

const liveCharactersOf = ({ speeches }: AssistantTurn) =>
  speeches.reduce((sum, speech) => sum + speech.charactersSent(), 0);

export function createCallAccount(options: {
  readonly callSid: CallSid;
  readonly direction: Direction;
  readonly tollFree: boolean;
  readonly prices: Prices;
  /** What an earlier stream of the call has cost. */
  readonly earlier?: readonly CostEvent[];
  /** The number of the first event is at least this. */
  readonly firstEvent?: number;
  readonly speechModel: string;
  /** This call's share of the machine it runs on, 0 to 1. */
  readonly computeShare: number;
  readonly store: CallStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly onFailure: (error: unknown) => void;
}): CallAccount {
  const { callSid, store, clock, telemetry, prices, direction, tollFree, earlier = [] } = options;
  const ledger = createLedger({ callSid, prices, earlier, firstSeq: options.firstEvent ?? 0 });
  let alerted = 0;
  let writes: Promise<void> = Promise.resolve();

  const alertUnknownPrices = () => {
    const alerts = ledger.alerts();
    for (const { service, model } of alerts.slice(alerted))
      telemetry.emit('error', {
        msg: 'cost.alert',
        reason: 'unknown-price',
        callSid,
        service,
        ...(model === undefined ? {} : { model }),
      });
    alerted = alerts.length;
  };

  return {
    chargeTurn(turn, { running = false } = {}) {
      const at = clock.now();
      const name = `turn ${turn.turn}`;
      // While it goes on, what is being played counts as heard.
      const heard = running ? turn.moments.answerSentAtMs !== undefined : turn.heardAnything;
      const outcome = heard ? 'used' : 'wasted';
      for (const [i, meter] of turn.modelRequests.entries()) {
        const request = meter.read();
        if (request === undefined) continue;
        const { model, usage, estimated, failed } = request;
        ledger.meter(
          `${name} request ${i}`,
          { kind: 'model', model, usage, outcome: failed ? 'failed' : outcome, estimated },
          at,
        );
      }
      const spoken = { kind: 'speech', model: options.speechModel, outcome } as const;
      const { recordedCharacters: recorded } = turn;
      const live = liveCharactersOf(turn);
      if (live > 0)
        ledger.meter(`${name} live`, { ...spoken, characters: live, cached: false, estimated: true }, at);
      if (recorded > 0)
        ledger.meter(
          `${name} recorded`,
          { ...spoken, characters: recorded, cached: true, estimated: false },
          at,
        );
      for (const [i, { name: tool, status }] of turn.toolUses.entries())
        if (Object.hasOwn(prices.tools, tool))
          ledger.meter(
            `${name} tool ${i}`,
            { kind: 'tool', name: tool, outcome: status === 'ok' ? 'used' : 'failed' },
            at,
          );
      alertUnknownPrices();
    },
    chargeTime({ durationSecs, recognisedSecs }) {
      const at = clock.now();
      ledger.meter('call', { kind: 'recognition', seconds: recognisedSecs }, at);
      if (direction !== 'web') {
        // The first minute is billed from its first moment.
        const seconds = Math.max(durationSecs, leastSecs);
        ledger.meter('call', { kind: 'call-leg', direction, seconds, tollFree }, at);
        ledger.meter('call', { kind: 'media-stream', seconds }, at);
      }
      ledger.meter('call', { kind: 'compute', seconds: durationSecs, share: options.computeShare }, at);
      alertUnknownPrices();
    },
    save(all) {
      // Writes follow each other: an event that is written twice ends as its last version.
      writes = writes.then(async () => {
        const events = ledger.pending(all);
        if (events.length > 0) await store.putCostEvents(events).catch(options.onFailure);
      });
      return writes;
    },
    knownUsd: () => ledger.knownUsd(),
    summary: () => ledger.summary(),
    settle: () => settleCall(store, callSid).then(() => undefined, options.onFailure),
  };
}

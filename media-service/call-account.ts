/** What a call costs while it runs: charges become cost events, stored in batches and summed at the end. */
import { createLedger } from '#core/costs/ledger.ts';
import type { Prices } from '#core/costs/prices.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CostSummary, Direction } from '#core/records/call-record.ts';
import type { AssistantTurn } from './assistant-turn.ts';

export interface CallAccount {
  /** Everything one assistant turn bought; called once, when nothing of it runs any more. */
  chargeTurn(turn: AssistantTurn): void;
  /** What is bought by time; called once, at the end. */
  chargeCall(options: {
    readonly durationSecs: number;
    readonly recognisedSecs: number;
    readonly direction: Direction;
  }): void;
  /** Hands pending events to the store. Never rejects. */
  save(): Promise<void>;
  summary(): CostSummary;
}

export function createCallAccount(options: {
  readonly callSid: CallSid;
  readonly prices: Prices;
  readonly speechModel: string;
  /** This call's share of the machine it runs on, 0 to 1. */
  readonly computeShare: number;
  readonly store: CallStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly onFailure: (error: unknown) => void;
}): CallAccount {
  const { callSid, store, clock, telemetry, speechModel } = options;
  const ledger = createLedger({ callSid, prices: options.prices });
  let alerted = 0;

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

  const chargeSpeech = (turn: AssistantTurn, characters: number, cached: boolean) => {
    if (characters === 0) return;
    const outcome = turn.heardAnything ? 'used' : 'wasted';
    ledger.record(
      { kind: 'speech', model: speechModel, characters, cached, outcome, estimated: !cached },
      clock.now(),
    );
  };

  return {
    chargeTurn(turn) {
      for (const { model, usage, estimated, failed } of turn.modelRequests) {
        const outcome = failed ? 'failed' : turn.heardAnything ? 'used' : 'wasted';
        ledger.record({ kind: 'model', model, usage, outcome, estimated }, clock.now());
      }
      chargeSpeech(turn, turn.speechCharacters, false);
      chargeSpeech(turn, turn.recordedCharacters, true);
      alertUnknownPrices();
    },
    chargeCall({ durationSecs, recognisedSecs, direction }) {
      const at = clock.now();
      ledger.record({ kind: 'recognition', seconds: recognisedSecs }, at);
      if (direction !== 'web') {
        ledger.record({ kind: 'call-leg', direction, seconds: durationSecs }, at);
        ledger.record({ kind: 'media-stream', seconds: durationSecs }, at);
      }
      ledger.record({ kind: 'compute', seconds: durationSecs, share: options.computeShare }, at);
      alertUnknownPrices();
    },
    async save() {
      const events = ledger.pending();
      if (events.length > 0) await store.putCostEvents(events).catch(options.onFailure);
    },
    summary: () => ledger.summary(),
  };
}

/** Progress of a call, told to whoever asked: best effort, in no promised order, possibly twice. */
import type { Address, LiveCall } from './live-call.ts';
import type { Parameters } from './signature.ts';

export type ProgressEvent = 'initiated' | 'ringing' | 'answered' | 'completed';
export const progressEvents: readonly ProgressEvent[] = ['initiated', 'ringing', 'answered', 'completed'];

export interface StatusCallbacks {
  /** @param status what `CallStatus` says; the `answered` event says `in-progress`. */
  tell(event: ProgressEvent, status: string, extra?: Parameters): void;
}

export interface StatusCallbackOptions {
  readonly address: Address;
  readonly events: ReadonlySet<ProgressEvent>;
}

/** Without an address nobody is told. */
export function createStatusCallbacks(
  call: LiveCall,
  options: StatusCallbackOptions | undefined,
): StatusCallbacks {
  const { callbackOrder = 'as-sent', callbackCopies = 1 } = call.settings;
  let sequence = 0;
  let last: Promise<unknown> = Promise.resolve();
  let held: (() => Promise<void>) | undefined;

  const enqueue = (send: () => Promise<void>) => {
    last = last.then(send);
    call.background(last);
  };

  return {
    tell(event, status, extra = {}) {
      if (!options?.events.has(event)) return;
      const params = {
        CallStatus: status,
        Timestamp: new Date().toUTCString(),
        CallbackSource: 'call-progress-events',
        SequenceNumber: String(sequence),
        ...extra,
      };
      sequence += 1;
      const send = async () => {
        for (let copy = 0; copy < callbackCopies; copy += 1)
          await call.tell('status', options.address, params);
      };
      if (callbackOrder === 'swapped' && !held && event !== 'completed') {
        held = send;
        return;
      }
      enqueue(send);
      if (held) enqueue(held);
      held = undefined;
    },
  };
}

/** What the last event says beside its status. */
export function finalParameters({ ledger }: LiveCall, sipResponseCode: string): Parameters {
  return {
    CallDuration: String(Math.round(ledger.durationSecs)),
    Duration: String(ledger.billedMinutes),
    SipResponseCode: sipResponseCode,
  };
}

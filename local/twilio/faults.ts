/** Mishaps on demand, for tests of what a caller hears when the network or Twilio fails. */

export interface StreamHandle {
  drop(): void;
  freeze(): void;
}

export interface RestFault {
  readonly status: number;
  /** Twilio's error code in the body. */
  readonly code: number;
}

/** What tests do. */
export interface FaultControls {
  /** Breaks the connection of a call's stream, without a word. @returns false when there is none. */
  dropStream(callSid: string): boolean;
  /** Keeps the connection but sends and reads nothing: half-open. @returns false when there is none. */
  freezeStream(callSid: string): boolean;
  /** The next streams never connect. @param code such as 31920 */
  refuseNextStreams(count: number, code: number): void;
  /** The next REST requests are refused before they do anything. */
  failNextRest(count: number, fault: RestFault): void;
  /** Every REST answer takes this much longer, milliseconds. */
  slowRest(ms: number): void;
  /** Every webhook is sent this much later, milliseconds. */
  slowWebhooks(ms: number): void;
  /** From now on, whether callbacks that tell of something are lost on their way. */
  loseCallbacks(lost: boolean): void;
}

/** What the exchange asks. */
export interface Faults {
  readonly controls: FaultControls;
  /** @returns forgets the stream. */
  holdStream(callSid: string, handle: StreamHandle): () => void;
  takeStreamRefusal(): number | undefined;
  takeRestFault(): RestFault | undefined;
  restDelayMs(): number;
  webhookDelayMs(): number;
  losesCallbacks(): boolean;
}

export function createFaults(): Faults {
  const streams = new Map<string, StreamHandle>();
  let refusals: number[] = [];
  let restFaults: RestFault[] = [];
  let restDelayMs = 0;
  let webhookDelayMs = 0;
  let callbacksLost = false;
  return {
    controls: {
      dropStream(callSid) {
        streams.get(callSid)?.drop();
        return streams.has(callSid);
      },
      freezeStream(callSid) {
        streams.get(callSid)?.freeze();
        return streams.has(callSid);
      },
      refuseNextStreams(count, code) {
        refusals = Array.from({ length: count }, () => code);
      },
      failNextRest(count, fault) {
        restFaults = Array.from({ length: count }, () => fault);
      },
      slowRest(ms) {
        restDelayMs = ms;
      },
      slowWebhooks(ms) {
        webhookDelayMs = ms;
      },
      loseCallbacks(lost) {
        callbacksLost = lost;
      },
    },
    holdStream(callSid, handle) {
      streams.set(callSid, handle);
      return () => {
        if (streams.get(callSid) === handle) streams.delete(callSid);
      };
    },
    takeStreamRefusal: () => refusals.shift(),
    takeRestFault: () => restFaults.shift(),
    restDelayMs: () => restDelayMs,
    webhookDelayMs: () => webhookDelayMs,
    losesCallbacks: () => callbacksLost,
  };
}

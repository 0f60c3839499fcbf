/** Time as the system sees it. Tests replace it by one that they move. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  nowMs(): number;
  /** Wall-clock time, for records and log lines. */
  now(): Date;
  /** Calls `fire` once after `ms`. @returns cancels it; harmless when it has fired. */
  setTimer(ms: number, fire: () => void): () => void;
}

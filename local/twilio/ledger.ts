/** What the simulated Twilio saw and would bill: plain data, served as JSON. */

/** An entry of Twilio's debugger. */
export interface Violation {
  /** Twilio's error or warning code. */
  readonly code: number;
  readonly problem: string;
  /** Since the call began. */
  readonly atMs: number;
}

export type WebhookKind =
  | 'voice'
  | 'update'
  | 'redirect'
  | 'action'
  | 'fallback'
  | 'status'
  | 'stream-status'
  | 'dial-status'
  | 'answering-machine'
  | 'recording';

export interface WebhookNote {
  readonly kind: WebhookKind;
  readonly url: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly durationMs: number;
  readonly atMs: number;
  /** The first characters of the answer. */
  readonly answer: string;
}

export interface StreamNote {
  readonly streamSid: string;
  secs: number;
  /** 20 ms each, from the caller. */
  framesSent: number;
  /** From the application: all it sent, what the caller heard of it, what a clear or the end dropped. */
  receivedMs: number;
  playedMs: number;
  droppedMs: number;
  /** The most that ever waited to be played. */
  bufferedMsMax: number;
  marks: number;
  clears: number;
  /** Twilio's code when it did not end as it should. */
  error?: number;
}

/** One party: the caller (or the number called), or a number that was dialled into the call. */
export interface LegNote {
  readonly callSid: string;
  readonly parentCallSid?: string;
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly startedAt: string;
  answeredAt?: string;
  endedAt?: string;
  status: string;
  /** Connected time. */
  durationSecs: number;
  /** Every started minute of every leg. */
  billedMinutes: number;
}

export interface CallLedger extends LegNote {
  /** Seconds of all streams, and their started minutes, stream by stream. */
  streamSecs: number;
  streamMinutes: number;
  /** Answered calls in which a machine was listened for: billed by the call, whatever was found out. */
  machineDetections: number;
  readonly legs: LegNote[];
  readonly streams: StreamNote[];
  /** What `<Say>` said. */
  readonly said: string[];
  readonly webhooks: WebhookNote[];
  readonly violations: Violation[];
  /** Entries that the lists above had no room for. */
  dropped: number;
}

/** Entries per list of one call. A client that sends only nonsense must not fill the memory. */
const entriesMax = 500;
const answerCharsMax = 4_000;
const secsPerMinute = 60;

export interface NewLeg {
  readonly callSid: string;
  readonly parentCallSid?: string;
  readonly direction: LegNote['direction'];
  readonly from: string;
  readonly to: string;
  readonly status: string;
}

export const newLeg = (leg: NewLeg): LegNote => ({
  ...leg,
  startedAt: new Date().toISOString(),
  durationSecs: 0,
  billedMinutes: 0,
});

export function newCallLedger(leg: NewLeg): CallLedger {
  return {
    ...newLeg(leg),
    streamSecs: 0,
    streamMinutes: 0,
    machineDetections: 0,
    legs: [],
    streams: [],
    said: [],
    webhooks: [],
    violations: [],
    dropped: 0,
  };
}

/** Adds to one of the lists unless it is full. */
export function note<T>(ledger: CallLedger, list: T[], entry: T): void {
  if (list.length < entriesMax) list.push(entry);
  else ledger.dropped += 1;
}

export const shorten = (answer: string): string => answer.slice(0, answerCharsMax);

const round = (secs: number) => Math.round(secs * 1000) / 1000;
const startedMinutes = (secs: number) => Math.max(1, Math.ceil(secs / secsPerMinute));

/** @param connectedMs undefined when it was never connected, which costs nothing. */
export function closeLeg(leg: LegNote, status: string, connectedMs: number | undefined): void {
  leg.status = status;
  leg.endedAt = new Date().toISOString();
  if (connectedMs === undefined) return;
  leg.durationSecs = round(connectedMs / 1000);
  leg.billedMinutes = startedMinutes(leg.durationSecs);
}

/** @param connectedMs undefined when it was never connected, which costs nothing. */
export function closeStream(ledger: CallLedger, stream: StreamNote, connectedMs: number | undefined): void {
  if (connectedMs === undefined) return;
  stream.secs = round(connectedMs / 1000);
  ledger.streamSecs = round(ledger.streamSecs + stream.secs);
  ledger.streamMinutes += startedMinutes(stream.secs);
}

/** What the simulated Twilio saw and would bill. */

export interface Violation {
  /** Twilio's error or warning code. */
  readonly code: number;
  readonly problem: string;
}

export interface WebhookNote {
  readonly url: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface CallLedger {
  readonly callSid: string;
  readonly direction: 'inbound';
  readonly from: string;
  readonly to: string;
  status: string;
  durationSecs: number;
  /** Each leg is rounded up to a minute. */
  billedMinutes: number;
  streamSecs: number;
  /** Second legs dialled for this call. */
  readonly dialled: string[];
  readonly webhooks: WebhookNote[];
  readonly violations: Violation[];
}

const secsPerMinute = 60;

export function newCallLedger(callSid: string, from: string, to: string): CallLedger {
  return {
    callSid,
    direction: 'inbound',
    from,
    to,
    status: 'ringing',
    durationSecs: 0,
    billedMinutes: 0,
    streamSecs: 0,
    dialled: [],
    webhooks: [],
    violations: [],
  };
}

export function closeLedger(ledger: CallLedger, status: string, durationMs: number): void {
  ledger.status = status;
  ledger.durationSecs = Math.round(durationMs / 100) / 10;
  ledger.billedMinutes =
    status === 'completed' ? Math.ceil(Math.max(durationMs, 1) / 1000 / secsPerMinute) : 0;
}

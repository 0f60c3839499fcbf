/** A call while it lives: its parties, its state, and its conversation with the application over webhooks. */
import { TwilioFailure } from './failure.ts';
import type { Faults } from './faults.ts';
import { type CallLedger, newCallLedger, note, shorten, type WebhookKind } from './ledger.ts';
import { createLine, type Line, silentFrame } from './line.ts';
import type { PhoneLine } from './phone-line.ts';
import type { Callee } from './scripted-callee.ts';
import type { ExchangeSettings } from './settings.ts';
import type { Parameters } from './signature.ts';
import { standardParameters } from './standard-parameters.ts';
import { pause } from './waiting.ts';
import { callWebhook, type WebhookAnswer } from './webhook.ts';

export interface Address {
  readonly url: string;
  readonly method: 'POST' | 'GET';
}

export interface NewCall {
  readonly callSid: string;
  readonly direction: 'inbound' | 'outbound-api';
  readonly from: string;
  readonly to: string;
  /** `ringing` inbound, `queued` outbound. */
  readonly status: 'ringing' | 'queued';
  readonly settings: ExchangeSettings;
  readonly faults: Faults;
  /** Laid over the parameters of every webhook. */
  readonly params: Parameters;
  /** Known from the start inbound; outbound it is whoever answers. */
  readonly phone: PhoneLine | undefined;
  /** Rings somebody, for `<Dial>`. */
  readonly ring: Callee;
}

export interface LiveCall extends Omit<NewCall, 'status' | 'phone'> {
  readonly ledger: CallLedger;
  readonly line: Line;
  /** Aborted when either side has hung up. */
  readonly over: AbortSignal;
  /** Connects the phone; a second answer changes nothing. */
  answer(phone?: PhoneLine): void;
  answeredAtMs(): number | undefined;
  setStatus(status: string): void;
  hangUp(): void;
  overAtMs(): number | undefined;
  /** Tells the phone. */
  show: PhoneLine['send'];
  violate(code: number, problem: string): void;
  press(digit: string): void;
  /** @returns stops listening. */
  onDigit(listener: (digit: string) => void): () => void;
  /** Throws `TwilioFailure` when nothing answers; any HTTP status is an answer. */
  ask(kind: WebhookKind, address: Address, extra?: Parameters): Promise<WebhookAnswer>;
  /** Sends a callback that nobody waits for; an answer other than 2xx is a violation. */
  tell(kind: WebhookKind, address: Address, extra: Parameters): Promise<void>;
  /** Keeps the call from being closed before the work is done. */
  background(work: Promise<unknown>): void;
  /** Resolves when no work is left in the background. */
  settled(): Promise<void>;
}

export function createLiveCall(options: NewCall): LiveCall {
  const { callSid, direction, from, to, status } = options;
  const ledger = newCallLedger({ callSid, direction, from, to, status });
  const startedAtMs = performance.now();
  const sinceStart = () => Math.round(performance.now() - startedAtMs);
  const over = new AbortController();
  const digits = new Set<(digit: string) => void>();
  const work = new Set<Promise<unknown>>();
  let phone = options.phone;
  let answeredAtMs: number | undefined;
  let overAtMs: number | undefined;
  const line = createLine({
    nextFrame: () => phone?.nextFrame() ?? silentFrame,
    hear: (frame) => phone?.hear(frame),
  });

  const call: LiveCall = {
    ...options,
    ledger,
    line,
    over: over.signal,
    answeredAtMs: () => answeredAtMs,
    show: (event) => phone?.send(event),
    setStatus(next) {
      ledger.status = next;
    },
    answer(answering) {
      if (answeredAtMs !== undefined || over.signal.aborted) return;
      phone = answering ?? phone;
      answeredAtMs = performance.now();
      ledger.answeredAt = new Date().toISOString();
      ledger.status = 'in-progress';
      call.show({ type: 'answered' });
      line.open();
    },
    overAtMs: () => overAtMs,
    hangUp() {
      if (over.signal.aborted) return;
      overAtMs = performance.now();
      if (answeredAtMs !== undefined) ledger.status = 'completed';
      else if (ledger.status === status || ledger.status === 'ringing') ledger.status = 'canceled';
      line.close();
      over.abort();
    },
    violate(code, problem) {
      note(ledger, ledger.violations, { code, problem, atMs: sinceStart() });
      call.show({ type: 'violation', code, problem });
    },
    press(digit) {
      for (const listener of digits) listener(digit);
    },
    onDigit(listener) {
      digits.add(listener);
      return () => digits.delete(listener);
    },
    ask: (kind, address, extra = {}) => ask(call, sinceStart, kind, address, extra),
    tell: (kind, address, extra) => tell(call, kind, address, extra),
    background(job) {
      const kept = job.catch(() => undefined).finally(() => work.delete(kept));
      work.add(kept);
    },
    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
  };
  return call;
}

async function ask(
  call: LiveCall,
  sinceStart: () => number,
  kind: WebhookKind,
  { url, method }: Address,
  extra: Parameters,
): Promise<WebhookAnswer> {
  const { ledger, settings } = call;
  const atMs = sinceStart();
  await pause(call.faults.webhookDelayMs());
  const described = { ...call, accountSid: settings.accountSid, status: ledger.status };
  const params = { ...standardParameters(described), ...call.params, ...extra };
  let answer: WebhookAnswer | undefined;
  try {
    answer = await callWebhook({
      authToken: settings.authToken,
      url,
      method,
      params,
      ...(settings.origins === undefined ? {} : { origins: settings.origins }),
    });
    return answer;
  } finally {
    const durationMs = sinceStart() - atMs;
    const outcome = { status: answer?.status ?? 0, durationMs };
    note(ledger, ledger.webhooks, { kind, url, ...outcome, atMs, answer: shorten(answer?.body ?? '') });
    call.show({ type: 'webhook', kind, ...outcome });
  }
}

async function tell(call: LiveCall, kind: WebhookKind, address: Address, extra: Parameters): Promise<void> {
  if (call.faults.losesCallbacks()) return;
  try {
    const { status } = await call.ask(kind, address, extra);
    if (status < 200 || status > 299)
      call.violate(11_200, `the ${kind} callback was answered with ${status}`);
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error;
    call.violate(error.code, error.message);
  }
}

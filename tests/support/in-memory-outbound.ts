/** Calls that are placed, without a carrier and without a database. */

import type { Conduct } from '#core/abuse/conduct.ts';
import type { Consent } from '#core/consent/consent.ts';
import type { ProviderError } from '#core/errors.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import type { ConductStore } from '#core/ports/conduct-store.ts';
import type { ConsentStore } from '#core/ports/consent-store.ts';
import type { Idempotency, StoredAnswer } from '#core/ports/idempotency.ts';
import type { FoundCall, OutboundCall, OutboundCalls, PlaceOutcome } from '#core/ports/outbound-calls.ts';
import type { OutboundPlan, OutboundPlans } from '#core/ports/outbound-plans.ts';
import type { Telephony } from '#core/ports/telephony.ts';

const lockMs = 60_000;
const keptMs = 24 * 3_600_000;

export function createInMemoryIdempotency(now: () => Date): Idempotency {
  interface Entry {
    readonly fingerprint: string;
    readonly ref: string;
    readonly sinceMs: number;
    owner: string;
    lockedUntilMs: number;
    state: 'running' | 'unclear' | 'done';
    answer?: StoredAnswer;
  }
  const entries = new Map<string, Entry>();
  let owners = 0;
  return {
    async begin(id, fingerprint) {
      const nowMs = now().getTime();
      owners += 1;
      const owner = `owner-number-${String(owners).padStart(8, '0')}`;
      const found = entries.get(id);
      if (!found || found.sinceMs + keptMs <= nowMs) {
        entries.set(id, {
          fingerprint,
          ref: owner,
          sinceMs: nowMs,
          owner,
          lockedUntilMs: nowMs + lockMs,
          state: 'running',
        });
        return { is: 'first', ref: owner, owner };
      }
      if (found.fingerprint !== fingerprint) return { is: 'other-request' };
      if (found.state === 'done' && found.answer) return { is: 'done', answer: found.answer };
      if (found.state === 'running' && found.lockedUntilMs > nowMs) return { is: 'running' };
      Object.assign(found, { owner, state: 'running', lockedUntilMs: nowMs + lockMs });
      return { is: 'again', ref: found.ref, owner, since: new Date(found.sinceMs) };
    },
    async complete(id, owner, answer) {
      const found = entries.get(id);
      if (found?.owner === owner) Object.assign(found, { state: 'done', answer });
    },
    async release(id, owner, how) {
      const found = entries.get(id);
      if (found?.owner !== owner) return;
      if (how === 'unclear') found.state = 'unclear';
      else entries.delete(id);
    },
  };
}

export function createInMemoryConducts(): ConductStore {
  const conducts = new Map<string, Conduct>();
  return {
    find: async (hash) => conducts.get(hash),
    put: async (hash, conduct) => void conducts.set(hash, conduct),
  };
}

export function createInMemoryConsents(): ConsentStore {
  const consents: Consent[] = [];
  return {
    add: async (consent) => void consents.push(consent),
    of: async (phoneHash) => consents.filter((consent) => consent.phoneHash === phoneHash),
    async *all() {
      yield* consents;
    },
  };
}

export function createInMemoryOutboundPlans(): OutboundPlans {
  const plans = new Map<string, OutboundPlan>();
  return {
    put: async (ref, plan) => void plans.set(ref, plan),
    find: async (ref) => plans.get(ref),
    async noteCall(ref, callSid) {
      const plan = plans.get(ref);
      if (plan) plans.set(ref, { ...plan, callSid });
    },
  };
}

export interface ScriptedCarrier {
  readonly outboundCalls: OutboundCalls;
  readonly telephony: Telephony;
  /** Calls that the carrier has taken. */
  readonly placed: readonly (OutboundCall & { readonly callSid: CallSid })[];
  /** What became of calls that are there: `hang-up`, or the TwiML they were given. */
  readonly changes: readonly (readonly [CallSid, string])[];
  /** The next attempts end so, one each; `lost` takes the call and loses the answer. */
  next(...outcomes: readonly (Exclude<PlaceOutcome, { did: 'placed' }> | 'lost' | ProviderError)[]): void;
  /** Whether the list of calls shows what was taken; it does unless told otherwise. */
  showsCalls(shows: boolean): void;
}

export function createScriptedCarrier(now: () => Date): ScriptedCarrier {
  const placed: (OutboundCall & FoundCall)[] = [];
  const changes: [CallSid, string][] = [];
  const script: (Exclude<PlaceOutcome, { did: 'placed' }> | 'lost' | ProviderError)[] = [];
  let shows = true;
  const take = (call: OutboundCall): PlaceOutcome => {
    const callSid = callSidSchema.parse(`CA${String(placed.length + 1).padStart(32, '0')}`);
    placed.push({ ...call, callSid, status: 'queued', createdAt: now() });
    return { did: 'placed', callSid, status: 'queued' };
  };
  return {
    placed,
    changes,
    next: (...outcomes) => void script.push(...outcomes),
    showsCalls: (value) => {
      shows = value;
    },
    outboundCalls: {
      async place(call) {
        const outcome = script.shift();
        if (outcome === undefined) return take(call);
        if (outcome instanceof Error) throw outcome;
        if (outcome !== 'lost') return outcome;
        take(call);
        return { did: 'unclear' };
      },
      recent: async ({ to, since }) =>
        shows ? placed.filter((call) => call.to === to && call.createdAt >= since).toReversed() : [],
    },
    telephony: {
      hangUp: async (callSid) => void changes.push([callSid, 'hang-up']),
      redirect: async (callSid, twiml) => void changes.push([callSid, twiml]),
    },
  };
}

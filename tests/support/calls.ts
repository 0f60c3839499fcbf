/** Calls, turns and cost events as the tests need them: only what matters to a test is written in it. */
import { randomBytes } from 'node:crypto';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { noUsage } from '#core/costs/usage.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallEnding, CallRecord } from '#core/records/call-record.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';

export const newCallSid = (): CallSid => `CA${randomBytes(16).toString('hex')}` as CallSid;

export function callRecord(fields: Partial<CallRecord> = {}): CallRecord {
  return {
    callSid: newCallSid(),
    status: 'ringing',
    role: 'parent',
    direction: 'inbound',
    numberMasked: '+1******0100',
    callerHash: '0123456789abcdef0123456789abcdef',
    startedAt: '2026-11-21T12:00:00.000Z',
    aliveAt: '2026-11-21T12:00:00.000Z',
    turnCount: 0,
    expiresAt: Date.parse('2027-11-21T12:00:00Z') / 1000,
    ...fields,
  };
}

export function callEnding(fields: Partial<CallEnding> = {}): CallEnding {
  return {
    outcome: 'completed',
    endedAt: '2026-11-21T12:03:00.000Z',
    durationSecs: 180,
    turnCount: 4,
    costSummary: { ...noUsage, estimatedCostUsd: 0.03, costByService: { anthropic: 0.03 } },
    ...fields,
  };
}

export function turnRecord(n: number, fields: Partial<TurnRecord> = {}): TurnRecord {
  return {
    n,
    speaker: n % 2 === 0 ? 'caller' : 'assistant',
    text: `Words of turn ${n}.`,
    interrupted: false,
    at: '2026-11-21T12:00:05.000Z',
    ...fields,
  };
}

export function costEvent(callSid: CallSid, seq: number, fields: Partial<CostEvent> = {}): CostEvent {
  return {
    callSid,
    seq,
    at: '2026-11-21T12:00:05.000Z',
    service: 'elevenlabs-tts',
    operation: 'live-characters',
    usage: 100,
    unit: 'character',
    unitPriceUsd: 0.00005,
    costUsd: 0.005,
    outcome: 'used',
    estimated: true,
    ...fields,
  };
}

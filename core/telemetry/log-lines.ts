/**
 * The log lines that filters, alarms and queries hang on. Field names are a contract.
 * No line carries a caller's words, a full phone number or a secret.
 */
import type { CostTotals } from '../costs/totals.ts';
import type { ProviderFailure, ProviderName } from '../errors.ts';
import type { CallSid, StreamSid } from '../ids.ts';
import type { Role } from '../personas/role.ts';
import type { CostSummary, Direction, Outcome } from '../records/call-record.ts';
import type { TurnLatencies } from '../records/turn-record.ts';

export interface CallStartedLine {
  readonly msg: 'call.started';
  readonly callSid: CallSid;
  readonly streamSid: StreamSid;
  readonly role: Role;
  readonly direction: Direction;
  readonly callerHash: string;
  readonly callerMasked: string;
}

export interface CallTurnLine extends TurnLatencies {
  readonly msg: 'call.turn';
  readonly callSid: CallSid;
  readonly turn: number;
  readonly role: Role;
  readonly interrupted: boolean;
  readonly toolCalls: number;
}

export interface CallEndedLine {
  readonly msg: 'call.ended';
  readonly callSid: CallSid;
  readonly role: Role;
  readonly direction: Direction;
  readonly outcome: Outcome;
  readonly durationSecs: number;
  readonly turnCount: number;
}

export interface CostCallSummaryLine extends CostSummary {
  readonly msg: 'cost.call.summary';
  readonly callSid: CallSid;
  readonly role: Role;
  readonly direction: Direction;
  readonly outcome: Outcome;
  readonly durationSecs: number;
  readonly turnCount: number;
}

/** One day added up; written again, with new figures, when a day is added up again. */
export interface CostRollupDailyLine {
  readonly msg: 'cost.rollup.daily';
  /** `2026-11-21`, UTC. */
  readonly day: string;
  readonly calls: number;
  readonly durationSecs: number;
  readonly costUsd: number;
  readonly callsOfUnknownCost: number;
  readonly costByService: CostTotals['costByService'];
  readonly wastedUsd: number;
  readonly cacheSavedUsd: number;
  readonly costPerMinuteUsd: number | null;
}

export interface ProviderFailedLine {
  readonly msg: 'provider.failed';
  readonly callSid?: CallSid;
  readonly provider: ProviderName;
  readonly failure: ProviderFailure;
  readonly code?: string;
  readonly retryable: boolean;
}

export interface CostAlertLine {
  readonly msg: 'cost.alert';
  /** `unknown-price`, `budget`, `quota`, `reconciliation`, `anomaly`. */
  readonly reason: string;
  readonly callSid?: CallSid;
  readonly service?: string;
  readonly model?: string;
  readonly severity?: 'warning' | 'critical';
  /** `STAGE`, `KEY#…`, `CALLER#…` or a service. */
  readonly subject?: string;
  /** `2026-11-21` or `2026-11`. */
  readonly period?: string;
  /** Part of the limit. */
  readonly threshold?: number;
  readonly limit?: number;
  readonly amount?: number;
}

export interface LimitHitLine {
  readonly msg: 'limit.hit';
  readonly limit: string;
  readonly callSid?: CallSid;
  readonly callerHash?: string;
  readonly keyId?: string;
  /** Of a browser's address or visitor. */
  readonly visitorHash?: string;
  readonly retryAfterSeconds?: number;
}

/** A refused upgrade, token or webhook: who tried stays out of it. */
export interface AccessRefusedLine {
  readonly msg: 'access.refused';
  readonly what:
    | 'webhook-signature'
    | 'webhook-address'
    | 'origin'
    | 'stream-signature'
    | 'stream-token'
    | 'api-key'
    | 'cron-secret';
  readonly reason: string;
  readonly callSid?: CallSid;
}

export type ContractLine =
  | CallStartedLine
  | CallTurnLine
  | CallEndedLine
  | CostCallSummaryLine
  | CostRollupDailyLine
  | ProviderFailedLine
  | CostAlertLine
  | LimitHitLine
  | AccessRefusedLine;

/** Anything else worth a line: `msg` is static text in the form `area.what-happened`. */
export interface FreeLine {
  readonly msg: string;
  readonly [field: string]: string | number | boolean | undefined;
}

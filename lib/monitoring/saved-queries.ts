/** Saved Logs Insights queries: one for each question of the runbook. `CA…` is to be replaced by a CallSid. */
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { logGroupsOf } from './make-filters.ts';
import type { LineSource } from './metric-filters.ts';
import type { Watched } from './props.ts';

export interface SavedQuery {
  /** As the runbook names it. */
  readonly id: string;
  readonly answers: string;
  readonly in: readonly LineSource[];
  readonly text: readonly string[];
}

const processes: readonly LineSource[] = ['media', 'functions'];

export const savedQueries: readonly SavedQuery[] = [
  {
    id: 'failed-calls',
    answers: 'Which calls failed, and when?',
    in: processes,
    text: [
      'fields @timestamp, callSid, role, direction, outcome, durationSecs, turnCount',
      'filter msg = "call.ended" and outcome in ["failed", "lost"]',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'call-story',
    answers: 'What happened in one call, from the webhook to its cost?',
    in: processes,
    text: [
      'fields @timestamp, service, level, msg, turn, provider, failure, code, responseLatencyMs, outcome, reason',
      'filter callSid = "CA…"',
      'sort @timestamp asc',
      'limit 1000',
    ],
  },
  {
    id: 'outcomes',
    answers: 'How do calls end, hour by hour?',
    in: processes,
    text: ['filter msg = "call.ended"', 'stats count(*) as calls by bin(1h), outcome', 'sort calls desc'],
  },
  {
    id: 'latency-by-stage',
    answers: 'Which stage of an answer takes the time?',
    in: ['media'],
    text: [
      'filter msg = "call.turn"',
      'stats count(*) as turns, pct(responseLatencyMs, 50) as p50, pct(responseLatencyMs, 95) as p95, pct(endOfUtteranceDelayMs, 95) as endpoint, pct(transcriptionDelayMs, 95) as recogniser, pct(ttftMs, 95) as model, pct(ttfbMs, 95) as speech, pct(toolMs, 95) as tools by bin(5m)',
      'sort @timestamp desc',
    ],
  },
  {
    id: 'slow-turns',
    answers: 'Which answers were the slowest, and why?',
    in: ['media'],
    text: [
      'fields @timestamp, callSid, turn, role, responseLatencyMs, endOfUtteranceDelayMs, transcriptionDelayMs, ttftMs, ttfbMs, toolMs, toolCalls',
      'filter msg = "call.turn" and responseLatencyMs > 1000',
      'sort responseLatencyMs desc',
      'limit 50',
    ],
  },
  {
    id: 'silences',
    answers: 'Which callers waited without a sound, and for how long?',
    in: ['media'],
    text: [
      'fields @timestamp, callSid, turn, silenceMs',
      'filter msg = "call.silence"',
      'sort silenceMs desc',
      'limit 50',
    ],
  },
  {
    id: 'vendor-failures',
    answers: 'Which vendor fails, how, and since when?',
    in: processes,
    text: [
      'filter msg = "provider.failed"',
      'stats count(*) as failures by bin(5m), provider, failure, code',
      'sort failures desc',
    ],
  },
  {
    id: 'mistakes',
    answers: 'What threw in our own code?',
    in: processes,
    text: [
      'fields @timestamp, service, msg, callSid, requestId, error, at, problem, version',
      'filter msg in ["call.unexpected-error", "call.not-begun", "stream.listener-failed", "function.unexpected-error", "function.not-configured", "secrets.not-usable"]',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'crises',
    answers: 'Which calls reached the crisis floor, and was it reported?',
    in: ['media'],
    text: [
      'fields @timestamp, callSid, msg, kind, reason',
      'filter msg in ["crisis.reported", "crisis.unreported"]',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'refused-calls',
    answers: 'Who was refused, where, and for what reason?',
    in: processes,
    text: [
      'filter msg in ["call.refused", "access.refused", "limit.hit"]',
      'stats count(*) as refused by bin(5m), msg, what, reason, limit',
      'sort refused desc',
    ],
  },
  {
    id: 'rate-limited-callers',
    answers: 'Which callers and keys hit a limit most?',
    in: processes,
    text: [
      'filter msg = "limit.hit"',
      'stats count(*) as hits by limit, callerHash, keyId',
      'sort hits desc',
      'limit 50',
    ],
  },
  {
    id: 'failed-streams',
    answers: 'Which streams could Twilio not hold?',
    in: processes,
    text: [
      'fields @timestamp, callSid, msg',
      'filter msg = "stream.failed"',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'deployments',
    answers: 'When did tasks start and drain, and did their calls end well?',
    in: ['media'],
    text: [
      'fields @timestamp, msg, version, activeCalls, @logStream',
      'filter msg in ["media.listening", "drain.started", "drain.finished"]',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'api-failures',
    answers: 'Which routes answer with failures, and how slowly?',
    in: ['access'],
    text: [
      'filter status >= 400',
      'stats count(*) as answers by bin(5m), routeKey, status',
      'sort answers desc',
    ],
  },
  {
    id: 'slow-requests',
    answers: 'Which routes are slow, and how often are they asked?',
    in: ['access'],
    text: [
      'stats count(*) as requests, pct(latencyMs, 50) as p50, pct(latencyMs, 95) as p95, max(latencyMs) as slowest by bin(5m), routeKey',
      'sort slowest desc',
    ],
  },
  {
    id: 'load-by-task',
    answers: 'How many calls has each task, and how far is it behind?',
    in: ['media'],
    text: [
      'filter msg = "metrics"',
      'stats max(ActiveCalls) as calls, max(EventLoopDelayMs) as behindMs by bin(1m), @logStream',
      'sort behindMs desc',
      'limit 100',
    ],
  },
  {
    id: 'cost-by-role',
    answers: 'What does each role cost?',
    in: processes,
    text: [
      'filter msg = "cost.call.summary"',
      'stats count(*) as calls, sum(estimatedCostUsd) as usd, avg(estimatedCostUsd) as usdPerCall, pct(estimatedCostUsd, 95) as p95 by role',
      'sort usd desc',
    ],
  },
  {
    id: 'cost-by-service',
    answers: 'Which vendor takes the money, day by day?',
    in: processes,
    text: [
      'filter msg = "cost.call.summary"',
      'stats sum(costByService.anthropic) as model, sum(`costByService.elevenlabs-stt`) as recogniser, sum(`costByService.elevenlabs-tts`) as speech, sum(costByService.twilio) as phone, sum(costByService.fargate) as compute by bin(1d)',
    ],
  },
  {
    id: 'dearest-calls',
    answers: 'Which calls cost most, and on what?',
    in: processes,
    text: [
      'fields @timestamp, callSid, role, estimatedCostUsd, durationSecs, turnCount, claudeInputTokens, claudeOutputTokens, claudeCacheReadTokens, claudeWastedTokens, ttsChars, sttSecs',
      'filter msg = "cost.call.summary"',
      'sort estimatedCostUsd desc',
      'limit 25',
    ],
  },
  {
    id: 'cost-alerts',
    answers: 'Which alerts on costs were written, and for what?',
    in: processes,
    text: [
      'fields @timestamp, reason, severity, subject, period, service, model, callSid, amount, limit',
      'filter msg = "cost.alert"',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    id: 'jobs',
    answers: 'What did the scheduled jobs do?',
    in: ['jobs'],
    text: [
      'fields @timestamp, msg, closed, failed, day, calls, costUsd, step, problem',
      'filter msg in ["job.stale-calls-closed", "cost.rollup.daily", "canary.failed"]',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
];

export function makeQueries(scope: Construct, watched: Watched): void {
  for (const { id, in: sources, text } of savedQueries)
    new CfnQueryDefinition(scope, `Query-${id}`, {
      name: `voice-center/${watched.settings.stage}/${id}`,
      logGroupNames: sources.flatMap((source) => logGroupsOf(source, watched)).map(([, name]) => name),
      queryString: text.join('\n| '),
    });
}

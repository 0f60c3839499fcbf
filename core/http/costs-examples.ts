/** Answers of the costs routes as the document shows them: one day of a small stage, and what a chart makes of it. */
import type * as z from 'zod';
import type { alertsAnswerSchema, BudgetsAnswer, CostSummaryAnswer, callCostAnswerSchema } from './costs.ts';

const usage = {
  claudeInputTokens: 1_250,
  claudeOutputTokens: 850,
  claudeCacheCreationTokens: 1_875,
  claudeCacheReadTokens: 18_500,
  claudeWastedTokens: 120,
  ttsChars: 2_005,
  ttsCharsCached: 195,
  sttSecs: 180,
  twilioSecs: 180,
};
const costByService = {
  anthropic: 0.001,
  'elevenlabs-stt': 0.0195,
  'elevenlabs-tts': 0.1203,
  twilio: 0.0375,
};
const totals = {
  calls: 1,
  durationSecs: 180,
  turnCount: 12,
  costUsd: 0.1783,
  callsOfUnknownCost: 0,
  estimatedUsd: 0.1203,
  wastedUsd: 0.0001,
  cacheSavedUsd: 0.0016,
  costByService,
  usage,
};
const costPerMinuteUsd = 0.059433;
const callSid = 'CA00000000000000000000000000000001';
const day = '2026-11-20';

export const summaryExample: CostSummaryAnswer = {
  from: '2026-11-20',
  to: '2026-11-21',
  groupBy: 'role',
  total: { ...totals, name: 'total', costPerMinuteUsd },
  unallocatedUsd: 0.42,
  groups: [{ ...totals, name: 'parent', costPerMinuteUsd, costByDayUsd: [0.1783, null] }],
  series: [
    {
      day,
      complete: true,
      calls: 1,
      durationSecs: 180,
      costUsd: 0.1783,
      costPerMinuteUsd,
      costByService: { ...costByService, fargate: 0, tools: 0 },
      wastedUsd: 0.0001,
      cacheSavedUsd: 0.0016,
      unallocatedUsd: 0.42,
    },
    {
      day: '2026-11-21',
      complete: false,
      calls: null,
      durationSecs: null,
      costUsd: null,
      costPerMinuteUsd: null,
      costByService: {
        anthropic: null,
        'elevenlabs-stt': null,
        'elevenlabs-tts': null,
        twilio: null,
        fargate: null,
        tools: null,
      },
      wastedUsd: null,
      cacheSavedUsd: null,
      unallocatedUsd: null,
    },
  ],
  topCalls: [{ callSid, role: 'parent', costUsd: 0.1783, durationSecs: 180 }],
  missingDays: ['2026-11-21'],
  anomalies: [
    {
      day,
      service: 'elevenlabs-tts',
      usd: 0.1203,
      usualUsd: 0.9,
      score: -5.41,
      method:
        'Modified z-score above 3.5 against the same weekday of 8 weeks, each in proportion to the week before it.',
    },
  ],
  reconciliations: [],
};

export const budgetsExample: BudgetsAnswer = {
  items: [
    { name: 'STAGE', period: day, limitUsd: 20, takenUsd: 17, usedPart: 0.85, state: 'warning' },
    { name: 'KEY#crm', period: '2026-11', limitUsd: 100, takenUsd: 12.5, usedPart: 0.125, state: 'ok' },
  ],
  perCallUsd: 1,
  perCaller: { dayUsd: 2, monthUsd: null },
  forecast: {
    name: 'STAGE',
    month: '2026-11',
    spentUsd: 310.2,
    projectedUsd: 468.9,
    lowUsd: 441.3,
    highUsd: 496.5,
    method:
      'Mean of the same weekday with a straight-line trend over the last 56 days, 56 of them known; prediction interval of 80 % (least squares).',
  },
  burnDown: {
    name: 'STAGE',
    month: '2026-11',
    limitUsd: 450,
    crossedOn: '2026-11-29',
    days: [
      {
        day,
        usd: 16.4,
        cumulativeUsd: 310.2,
        budgetUsd: 300,
        projectedUsd: null,
        projectedLowUsd: null,
        projectedHighUsd: null,
      },
      {
        day: '2026-11-21',
        usd: null,
        cumulativeUsd: null,
        budgetUsd: 315,
        projectedUsd: 316.1,
        projectedLowUsd: 310.2,
        projectedHighUsd: 323.4,
      },
    ],
  },
  quotas: [
    {
      name: 'elevenlabs-characters',
      service: 'elevenlabs-tts',
      used: 41_200,
      max: 100_000,
      unit: 'characters',
      resetsAt: '2026-12-01T00:00:00.000Z',
      at: '2026-11-20T08:00:00.000Z',
      usedPart: 0.412,
    },
  ],
};

export const alertsExample: z.infer<typeof alertsAnswerSchema> = {
  items: [
    {
      id: 'budget#STAGE#2026-11-20#0.8',
      kind: 'budget',
      severity: 'warning',
      raisedAt: '2026-11-20T15:04:05.000Z',
      subject: 'STAGE',
      period: day,
      threshold: 0.8,
      limit: 20,
      amount: 16.05,
      unit: 'usd',
      message: '80 % of the budget of STAGE for 2026-11-20 is used.',
    },
  ],
};

export const callCostExample = {
  callSid,
  role: 'parent',
  direction: 'inbound',
  outcome: 'completed',
  durationSecs: 180,
  summary: { ...usage, estimatedCostUsd: 0.0195, costByService: { 'elevenlabs-stt': 0.0195 } },
  costPerMinuteUsd: 0.0065,
  events: [
    {
      callSid,
      seq: 3,
      at: '2026-11-20T15:04:05.000Z',
      service: 'elevenlabs-stt',
      operation: 'recognition-seconds',
      usage: 180,
      unit: 'second',
      unitPriceUsd: 0.000108333,
      costUsd: 0.0195,
      outcome: 'used',
      estimated: true,
    },
  ],
} as const satisfies z.input<typeof callCostAnswerSchema>;

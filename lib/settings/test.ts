import type { StageSettings } from './schema.ts';

/** Like production, one task, for releases and load tests. Account, zone, numbers and addresses are examples. */
export const test: StageSettings = {
  stage: 'test',
  account: '111111111111',
  region: 'us-east-1',
  domain: {
    zoneId: 'Z0123456789EXAMPLE',
    zoneName: 'voice.example.com',
    apiHost: 'api-test.voice.example.com',
    mediaHost: 'media-test.voice.example.com',
  },
  network: 'public',
  media: {
    vcpu: 0.5,
    memoryGb: 1,
    tasks: { min: 1, max: 2 },
    callsPerTask: 75,
    callMaxSecs: 1_800,
    deregistrationDelaySecs: 120,
  },
  isProtected: false,
  recordsTtlDays: 30,
  logDays: 14,
  reservesConcurrency: false,
  callsPerMinuteMax: 300,
  outboundCountries: ['US', 'CA'],
  defaultRole: 'parent',
  twilio: { accountSid: `AC${'0'.repeat(32)}`, phoneNumber: '+12025550143' },
  monitoring: 'essential',
  alarmEmails: { page: [], ticket: ['voice-test@example.com'] },
  runbookUrl: 'https://example.com/voice-center/docs/runbook.md',
  budgets: { callUsd: 1, dayUsd: 25, monthUsd: 150 },
};

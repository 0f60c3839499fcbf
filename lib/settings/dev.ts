import type { StageSettings } from './schema.ts';

/** For one team: one small task, little is kept. Account, zone, numbers and addresses are examples. */
export const dev: StageSettings = {
  stage: 'dev',
  account: '111111111111',
  region: 'us-east-1',
  domain: {
    zoneId: 'Z0123456789EXAMPLE',
    zoneName: 'voice.example.com',
    apiHost: 'api-dev.voice.example.com',
    mediaHost: 'media-dev.voice.example.com',
  },
  network: 'public',
  media: {
    vcpu: 0.25,
    memoryGb: 0.5,
    tasks: { min: 1, max: 1 },
    callsPerTask: 25,
    callMaxSecs: 600,
    deregistrationDelaySecs: 30,
  },
  isProtected: false,
  recordsTtlDays: 14,
  logDays: 7,
  reservesConcurrency: false,
  callsPerMinuteMax: 30,
  outboundCountries: ['US', 'CA'],
  defaultRole: 'parent',
  twilio: { accountSid: `AC${'0'.repeat(32)}`, phoneNumber: '+12025550142' },
  monitoring: 'essential',
  alarmEmails: { page: [], ticket: ['voice-dev@example.com'] },
  runbookUrl: 'https://example.com/voice-center/docs/runbook.md',
  budgets: { callUsd: 1, dayUsd: 10, monthUsd: 60 },
};

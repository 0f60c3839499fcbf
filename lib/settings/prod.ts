import type { StageSettings } from './schema.ts';

/** Callers depend on it: two tasks in two zones, everything kept and watched. Names and addresses are examples. */
export const prod: StageSettings = {
  stage: 'prod',
  account: '222222222222',
  region: 'us-east-1',
  domain: {
    zoneId: 'Z0123456789EXAMPLE',
    zoneName: 'voice.example.com',
    apiHost: 'api.voice.example.com',
    mediaHost: 'media.voice.example.com',
  },
  network: 'public',
  media: {
    vcpu: 0.5,
    memoryGb: 1,
    tasks: { min: 2, max: 10 },
    callsPerTask: 75,
    // With a goodbye below the hour that a deregistered task may keep its calls.
    callMaxSecs: 3_300,
    deregistrationDelaySecs: 3_600,
  },
  isProtected: true,
  recordsTtlDays: 365,
  logDays: 90,
  reservesConcurrency: true,
  callsPerMinuteMax: 600,
  outboundCountries: ['US', 'CA'],
  defaultRole: 'parent',
  twilio: { accountSid: `AC${'0'.repeat(32)}`, phoneNumber: '+12025550144' },
  monitoring: 'full',
  alarmEmails: { page: ['voice-oncall@example.com'], ticket: ['voice@example.com'] },
  runbookUrl: 'https://example.com/voice-center/docs/runbook.md',
  budgets: { callUsd: 2, dayUsd: 100, monthUsd: 2_000 },
};

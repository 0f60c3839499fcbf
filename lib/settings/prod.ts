import type { StageSettingsInput } from './schema.ts';

/** For callers: two zones, protected data, alarms that wake somebody. An example: put your own values. */
export const prod: StageSettingsInput = {
  stage: 'prod',
  account: '222222222222',
  region: 'us-east-1',
  apiDomain: 'api.voice.example.com',
  mediaDomain: 'media.voice.example.com',
  hostedZone: { id: 'Z0000000PROD', name: 'voice.example.com' },
  network: 'public',
  capacity: { cpu: 512, memoryMiB: 1_024, tasksMin: 2, tasksMax: 20, callsPerTaskMax: 100 },
  // A draining task is let go after an hour: no call may last longer, goodbye included.
  callMaxSecs: 3_300,
  drainSecs: 3_600,
  healthyPercentMin: 100,
  protectData: true,
  tableUnitsMax: { read: 10_000, write: 10_000 },
  recordsTtlDays: 365,
  logRetentionDays: 90,
  throttling: {
    webhook: { ratePerSec: 200, burst: 400 },
    calls: { ratePerSec: 20, burst: 40 },
    records: { ratePerSec: 50, burst: 100 },
    public: { ratePerSec: 20, burst: 40 },
  },
  twilio: { accountSid: `AC${'3'.repeat(32)}`, phoneNumber: '+12025550144' },
  transferNumber: '+12025550170',
  outboundCountries: ['US', 'CA'],
  callsPerMinuteMax: 600,
  monitoring: 'full',
  alarmEmails: { page: ['voice-oncall@example.com'], ticket: ['voice-team@example.com'] },
  runbookUrl: 'https://github.com/example/voice-center/blob/main/docs/runbook.md',
  budgets: { callUsd: 2, dayUsd: 200, monthUsd: 4_000 },
};

import type { StageSettingsInput } from './schema.ts';

/** For trying things out: one small task that may be parked, data that may be lost. An example: put your own values. */
export const dev: StageSettingsInput = {
  stage: 'dev',
  account: '111111111111',
  region: 'us-east-1',
  apiDomain: 'api.dev.voice.example.com',
  mediaDomain: 'media.dev.voice.example.com',
  hostedZone: { id: 'Z0000000DEV', name: 'dev.voice.example.com' },
  network: 'public',
  capacity: { cpu: 256, memoryMiB: 512, tasksMin: 0, tasksMax: 1, callsPerTaskMax: 20 },
  callMaxSecs: 600,
  drainSecs: 30,
  healthyPercentMin: 0,
  protectData: false,
  tableUnitsMax: { read: 500, write: 500 },
  recordsTtlDays: 30,
  logRetentionDays: 7,
  throttling: {
    webhook: { ratePerSec: 20, burst: 40 },
    calls: { ratePerSec: 2, burst: 5 },
    records: { ratePerSec: 10, burst: 20 },
    public: { ratePerSec: 5, burst: 10 },
  },
  twilio: { accountSid: `AC${'1'.repeat(32)}`, phoneNumber: '+12025550142' },
  outboundCountries: ['US', 'CA'],
  callsPerMinuteMax: 30,
  monitoring: 'essential',
  alarmEmails: { page: ['voice-dev@example.com'], ticket: ['voice-dev@example.com'] },
  runbookUrl: 'https://github.com/example/voice-center/blob/main/docs/runbook.md',
  budgets: { callUsd: 1, dayUsd: 10, monthUsd: 100 },
};

import type { StageSettingsInput } from './schema.ts';

/** For rehearsals: as production, smaller, and with data that may be lost. An example: put your own values. */
export const test: StageSettingsInput = {
  stage: 'test',
  account: '111111111111',
  region: 'us-east-1',
  apiDomain: 'api.test.voice.example.com',
  mediaDomain: 'media.test.voice.example.com',
  hostedZone: { id: 'Z0000000TEST', name: 'test.voice.example.com' },
  network: 'public',
  capacity: { cpu: 256, memoryMiB: 1_024, tasksMin: 1, tasksMax: 2, callsPerTaskMax: 60 },
  callMaxSecs: 1_800,
  drainSecs: 120,
  healthyPercentMin: 100,
  protectData: false,
  tableUnitsMax: { read: 1_000, write: 1_000 },
  recordsTtlDays: 90,
  logRetentionDays: 30,
  throttling: {
    webhook: { ratePerSec: 50, burst: 100 },
    calls: { ratePerSec: 5, burst: 10 },
    records: { ratePerSec: 20, burst: 40 },
    public: { ratePerSec: 10, burst: 20 },
  },
  twilio: { accountSid: `AC${'2'.repeat(32)}`, phoneNumber: '+12025550143' },
  transferNumber: '+12025550160',
  outboundCountries: ['US', 'CA'],
  callsPerMinuteMax: 120,
  monitoring: 'full',
  alarmEmails: { page: ['voice-test@example.com'], ticket: ['voice-test@example.com'] },
  runbookUrl: 'https://github.com/example/voice-center/blob/main/docs/runbook.md',
  budgets: { callUsd: 1, dayUsd: 25, monthUsd: 250 },
};

/** The settings of a stage: what differs between stages, and nothing else. Checked before anything is made of them. */
import * as z from 'zod';
import { priceSettingsSchema } from '#core/costs/price-settings.ts';

const domain = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'must be a domain such as api.example.com',
  );
const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +12025550142');
const usd = z.number().positive();
const whole = (min: number, max: number) => z.number().int().min(min).max(max);
const emails = z.array(z.email()).min(1, 'needs at least one address: an alarm that nobody reads is none');

/** Pairs that Fargate runs: processor units and the memory each may have. Source: Amazon ECS, "Task CPU and memory". */
const fargateMemoryMiB: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1_024, 2_048],
  512: [1_024, 2_048, 3_072, 4_096],
  1024: [2_048, 3_072, 4_096, 5_120, 6_144, 7_168, 8_192],
  2048: [4_096, 8_192, 12_288, 16_384],
};

const capacity = z
  .strictObject({
    /** Units of a processor: 1024 are one. */
    cpu: z.number(),
    memoryMiB: z.number(),
    /** 0 where the stage may be parked. */
    tasksMin: whole(0, 100),
    tasksMax: whole(1, 200),
    callsPerTaskMax: whole(1, 1_000),
  })
  .superRefine(({ cpu, memoryMiB, tasksMin, tasksMax }, context) => {
    const fitting = fargateMemoryMiB[cpu];
    if (!fitting)
      context.addIssue({
        code: 'custom',
        path: ['cpu'],
        message: `must be one of ${Object.keys(fargateMemoryMiB).join(', ')}`,
      });
    else if (!fitting.includes(memoryMiB))
      context.addIssue({
        code: 'custom',
        path: ['memoryMiB'],
        message: `with ${cpu} units must be one of ${fitting.join(', ')}`,
      });
    if (tasksMax < Math.max(1, tasksMin))
      context.addIssue({ code: 'custom', path: ['tasksMax'], message: 'must not be less than tasksMin' });
  });

/** A function's whole environment may have 4 KB (AWS Lambda quotas), and all of it but the prices needs less than half. */
const pricesCharsMax = 2_000;

/** Requests a second in the long run, and at once. */
const throttle = z.strictObject({ ratePerSec: z.number().positive(), burst: whole(1, 5_000) });

export const stageSettingsSchema = z
  .strictObject({
    stage: z.string().regex(/^[a-z][a-z0-9]{1,9}$/, 'must be 2 to 10 small letters or digits such as dev'),
    account: z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1'),
    apiDomain: domain,
    mediaDomain: domain,
    /** Of Route 53: both domains lie in it. */
    hostedZone: z.strictObject({
      id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, 'must be the id of a hosted zone, Z and capitals'),
      name: domain,
    }),
    /** `public`: tasks have addresses of their own and are reachable from the load balancer alone. `nat` hides them. */
    network: z.enum(['public', 'nat']),
    capacity,
    /** Longest call. The load balancer lets a draining task go after `drainSecs`. */
    callMaxSecs: whole(60, 3_300),
    drainSecs: whole(0, 3_600),
    /** Share of the tasks that stays during a deployment. */
    healthyPercentMin: z.union([z.literal(0), z.literal(100)]),
    /** Tables cannot be deleted, and can be restored to any second of the last month. */
    protectData: z.boolean(),
    /** Bounds of each on-demand table, so that a loop cannot empty the purse. */
    tableUnitsMax: z.strictObject({ read: whole(1, 40_000), write: whole(1, 40_000) }),
    recordsTtlDays: z.number().positive().max(3_650),
    logRetentionDays: z.union([z.literal(7), z.literal(30), z.literal(90), z.literal(365)]),
    throttling: z.strictObject({ webhook: throttle, calls: throttle, records: throttle, public: throttle }),
    twilio: z.strictObject({
      accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, 'must be an account SID, AC and 32 hex digits'),
      phoneNumber: e164,
    }),
    /** The person a caller can be connected to. */
    transferNumber: e164.optional(),
    mcpUrl: z.url({ protocol: /^https$/ }).optional(),
    outboundCountries: z.array(z.string().regex(/^([A-Z]{2}|\*)$/, 'must be ISO codes such as US')).min(1),
    callsPerMinuteMax: whole(1, 100_000),
    monitoring: z.enum(['essential', 'full']),
    alarmEmails: z.strictObject({ page: emails, ticket: emails }),
    runbookUrl: z.url(),
    budgets: z.strictObject({ callUsd: usd, dayUsd: usd, monthUsd: usd, callP95Usd: usd.optional() }),
    /** The account's own prices, in place of the list prices in core/costs/prices.ts. */
    prices: priceSettingsSchema.optional(),
  })
  .superRefine((settings, context) => {
    for (const name of ['apiDomain', 'mediaDomain'] as const)
      if (!settings[name].endsWith(`.${settings.hostedZone.name}`))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `must lie in the hosted zone ${settings.hostedZone.name}`,
        });
    if (settings.prices !== undefined && JSON.stringify(settings.prices).length > pricesCharsMax)
      context.addIssue({
        code: 'custom',
        path: ['prices'],
        message: `must have at most ${pricesCharsMax} characters as JSON: leave out what is in core/costs/prices.ts`,
      });
    if (settings.apiDomain === settings.mediaDomain)
      context.addIssue({ code: 'custom', path: ['mediaDomain'], message: 'must differ from apiDomain' });
    if (settings.healthyPercentMin === 100 && settings.capacity.tasksMin === 0)
      context.addIssue({
        code: 'custom',
        path: ['healthyPercentMin'],
        message: 'must be 0 where capacity.tasksMin is 0: nothing would be there to stay',
      });
  });
export type StageSettings = z.infer<typeof stageSettingsSchema>;
export type StageSettingsInput = z.input<typeof stageSettingsSchema>;

/** A stage whose settings cannot be used: every problem with its field. */
export class SettingsError extends Error {
  constructor(stage: string, problems: readonly string[]) {
    super(
      `The settings of stage ${stage} cannot be used (lib/settings/${stage}.ts):\n  ${problems.join('\n  ')}`,
    );
    this.name = 'SettingsError';
  }
}

/** Throws `SettingsError`. */
export function checkSettings(stage: string, given: unknown): StageSettings {
  const parsed = stageSettingsSchema.safeParse(given);
  if (parsed.success && parsed.data.stage === stage) return parsed.data;
  if (parsed.success) throw new SettingsError(stage, [`stage: must be ${stage}, as the file is named`]);
  throw new SettingsError(
    stage,
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  );
}

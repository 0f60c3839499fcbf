/** What may differ between stages, and what each of it must look like. */
import * as z from 'zod';
import { roleSchema } from '#core/personas/role.ts';

const whole = (from: number, to: number) => z.number().int().min(from).max(to);
const usd = z.number().positive();
const host = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'must be a host name in small letters',
  );
const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550100');

/** What one Fargate task may have, in vCPU and the GB that go with it (Amazon ECS developer guide, "Task size"). */
const taskSizes = {
  0.25: [0.5, 1, 2],
  0.5: [1, 2, 3, 4],
  1: [2, 3, 4, 5, 6, 7, 8],
  2: [4, 8, 12, 16],
} as const;

const domainSchema = z
  .strictObject({
    /** Route 53 holds the zone already. */
    zoneId: z
      .string()
      .regex(/^Z[A-Z0-9]{5,31}$/, 'must be the id of a hosted zone, such as Z0123456789ABCDEFGHIJ'),
    zoneName: host,
    /** Where webhooks and clients go, and where Twilio streams to. */
    apiHost: host,
    mediaHost: host,
  })
  .superRefine(({ zoneName, apiHost, mediaHost }, context) => {
    for (const [name, value] of Object.entries({ apiHost, mediaHost }))
      if (!value.endsWith(`.${zoneName}`))
        context.addIssue({ code: 'custom', path: [name], message: `must lie in the zone ${zoneName}` });
    if (apiHost === mediaHost)
      context.addIssue({ code: 'custom', path: ['mediaHost'], message: 'must differ from apiHost' });
  });

const mediaSchema = z
  .strictObject({
    vcpu: z.literal([0.25, 0.5, 1, 2]),
    memoryGb: z.number().positive(),
    /** The same number twice is a fixed size; otherwise the number of calls decides. */
    tasks: z.strictObject({ min: whole(0, 100), max: whole(0, 100) }),
    callsPerTask: whole(1, 1_000),
    callMaxSecs: whole(60, 3_500),
    /** How long a task that is replaced keeps its calls (Elastic Load Balancing: at most an hour). */
    deregistrationDelaySecs: whole(0, 3_600),
  })
  .superRefine(({ vcpu, memoryGb, tasks }, context) => {
    const sizes: readonly number[] = taskSizes[vcpu];
    if (!sizes.includes(memoryGb))
      context.addIssue({
        code: 'custom',
        path: ['memoryGb'],
        message: `must be one of ${sizes.join(', ')} for ${vcpu} vCPU`,
      });
    if (tasks.max < tasks.min)
      context.addIssue({ code: 'custom', path: ['tasks', 'max'], message: 'must not be below tasks.min' });
  });

export const settingsSchema = z.strictObject({
  stage: z.string().regex(/^[a-z][a-z0-9-]{1,15}$/, 'must be small letters, digits and hyphens'),
  account: z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1'),
  domain: domainSchema,
  /** `public`: tasks have addresses of their own, open to the load balancer alone. `nat`: private subnets, $37 a month more. */
  network: z.enum(['public', 'nat']),
  media: mediaSchema,
  /** Deletion and termination protection, backups, tables kept when the stack is deleted. */
  isProtected: z.boolean(),
  recordsTtlDays: z.number().positive().max(3_650),
  logDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365]),
  /** Needs an account whose concurrency limit has been raised: a new one may have as few as ten. */
  reservesConcurrency: z.boolean(),
  callsPerMinuteMax: whole(1, 10_000),
  outboundCountries: z
    .array(z.string().regex(/^([A-Z]{2}|\*)$/, 'must be a country such as US, or *'))
    .min(1),
  defaultRole: roleSchema,
  twilio: z.strictObject({
    accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits'),
    phoneNumber: e164,
  }),
  transferNumber: e164.optional(),
  mcp: z.strictObject({ url: z.url({ protocol: /^https$/ }), hasToken: z.boolean() }).optional(),
  monitoring: z.enum(['essential', 'full']),
  alarmEmails: z.strictObject({ page: z.array(z.email()), ticket: z.array(z.email()) }),
  runbookUrl: z.url({ protocol: /^https$/ }),
  budgets: z.strictObject({ callUsd: usd, dayUsd: usd, monthUsd: usd }),
});

export type StageSettings = z.infer<typeof settingsSchema>;

export class SettingsError extends Error {
  constructor(stage: string, problems: readonly string[]) {
    super(
      `The settings of stage "${stage}" are not right. Mend lib/settings/${stage}.ts:\n  ${problems.join('\n  ')}`,
    );
    this.name = 'SettingsError';
  }
}

/** Throws `SettingsError` with every field that is wrong. */
export function parseSettings(stage: string, given: unknown): StageSettings {
  const parsed = settingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    stage,
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`),
  );
}

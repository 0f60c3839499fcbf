/** Our books against a vendor's, day by day: the difference, what explains it, and whether somebody has to look. */
import * as z from 'zod';
import type { VendorCount } from './correct-estimates.ts';
import { costServiceSchema } from './cost-event.ts';
import { roundUsd } from './money.ts';

/** By design: more than 2 % of a service's day, or more than a cent a call, is looked into. */
const differencePartMax = 0.02;
const differencePerCallMaxUsd = 0.01;
/** Below this a percentage of a quiet day says nothing. */
const differenceMinUsd = 0.01;

export const comparisonSchema = z.object({
  service: costServiceSchema,
  oursUsd: z.number().nonnegative(),
  /** Null when the vendor could not be asked. */
  theirsUsd: z.number().nonnegative().nullable(),
  /** Theirs less ours. */
  differenceUsd: z.number().nullable(),
  /** What this run has added to ours by taking over what the vendor knows better; below 0 when it took off. */
  correctedUsd: z.number().optional(),
  /** What was bought for no call in particular; a part of ours here, and of no total of calls. */
  unallocatedUsd: z.number().nonnegative().optional(),
  status: z.enum(['agrees', 'differs', 'skipped']),
  explanation: z.string(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const reconciliationSchema = z.object({
  day: z.string(),
  at: z.string(),
  comparisons: z.array(comparisonSchema),
});
/** One day's run; a later run of the same day takes its place. */
export type Reconciliation = z.infer<typeof reconciliationSchema>;

export interface OurDay {
  readonly usd: number;
  /** The part that rests on our own count. */
  readonly estimatedUsd: number;
  readonly calls: number;
}

/**
 * What a vendor says of a day. `note` says how its figure came about; `counts` what it has counted of the things that
 * we can only estimate.
 */
export type VendorDay =
  | {
      readonly usd: number;
      readonly note: string;
      readonly counts?: readonly VendorCount[];
      /** What no call was charged for was bought all the same, and is no mistake: tasks that wait for calls. */
      readonly rest?: 'unallocated';
    }
  | { readonly skipped: string };

export function compare(
  service: Comparison['service'],
  { usd: chargedUsd, estimatedUsd, calls }: OurDay,
  theirs: VendorDay,
): Comparison {
  if ('skipped' in theirs)
    return {
      service,
      oursUsd: chargedUsd,
      theirsUsd: null,
      differenceUsd: null,
      status: 'skipped',
      explanation: theirs.skipped,
    };
  const unallocatedUsd = theirs.rest === undefined ? 0 : roundUsd(Math.max(0, theirs.usd - chargedUsd));
  const oursUsd = roundUsd(chargedUsd + unallocatedUsd);
  const differenceUsd = roundUsd(theirs.usd - oursUsd);
  const size = Math.abs(differenceUsd);
  const part = size / Math.max(theirs.usd, oursUsd, Number.MIN_VALUE);
  const tooMuch =
    (part > differencePartMax && size > differenceMinUsd) ||
    size > differencePerCallMaxUsd * Math.max(1, calls);
  return {
    service,
    oursUsd,
    theirsUsd: roundUsd(theirs.usd),
    differenceUsd,
    ...(theirs.rest === undefined ? {} : { unallocatedUsd }),
    status: tooMuch ? 'differs' : 'agrees',
    explanation: `${explain({ size, estimatedUsd, part, tooMuch })} ${theirs.note}`.trim(),
  };
}

interface Difference {
  readonly size: number;
  readonly part: number;
  readonly estimatedUsd: number;
  readonly tooMuch: boolean;
}

function explain({ size, part, estimatedUsd, tooMuch }: Difference): string {
  if (size === 0) return 'Equal.';
  const share = `${(part * 100).toFixed(2)} %`;
  if (!tooMuch && size > estimatedUsd)
    return `${share}: rounding, and calls that were billed on another day.`;
  return size <= estimatedUsd
    ? `${share}: within the part that is our own count ($${estimatedUsd.toFixed(4)}): seconds and minutes as we measured them, replies that were broken off.`
    : `${share}: more than our own counts can explain ($${estimatedUsd.toFixed(4)}). Look for calls without events, other users of the account, changed prices.`;
}

export const quotaSchema = z.object({
  /** `elevenlabs-characters`, `twilio-balance`, … */
  name: z.string(),
  service: costServiceSchema,
  used: z.number().nonnegative(),
  max: z.number().nonnegative(),
  unit: z.enum(['characters', 'usd', 'tokens']),
  /** When the count begins anew, ISO 8601. */
  resetsAt: z.string().optional(),
  at: z.string(),
});
/** What a vendor lets us use before it refuses. */
export type Quota = z.infer<typeof quotaSchema>;

/** 0 to 1 and more. */
export const usedPartOf = ({ used, max }: Pick<Quota, 'used' | 'max'>): number =>
  max === 0 ? (used > 0 ? 1 : 0) : Math.round((used / max) * 10_000) / 10_000;

/** What was bought for no call in particular, US dollars; undefined where nobody has compared. */
export function unallocatedUsdOf(run: Reconciliation | undefined): number | undefined {
  const known = run?.comparisons.flatMap(({ unallocatedUsd }) => unallocatedUsd ?? []) ?? [];
  return known.length === 0 ? undefined : roundUsd(known.reduce((sum, usd) => sum + usd, 0));
}

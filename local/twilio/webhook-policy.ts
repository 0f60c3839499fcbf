/**
 * How often and how long a webhook is tried. The address itself may say so in its fragment
 * (`#ct=2000&rc=2&rp=5xx`). Source: Twilio, "Webhook Connection Overrides".
 */
import { ConnectTimeout } from './http-request.ts';

export interface WebhookPolicy {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  /** All attempts together. */
  readonly totalTimeoutMs: number;
  readonly retriesMax: number;
  retriesStatus(status: number): boolean;
  retriesFailure(error: unknown): boolean;
}

/** Default, least and most of each number. */
const ranges = {
  ct: { usual: 5_000, min: 100, max: 10_000 },
  rt: { usual: 15_000, min: 100, max: 15_000 },
  tt: { usual: 15_000, min: 100, max: 15_000 },
  rc: { usual: 1, min: 0, max: 5 },
} as const;

function read(overrides: URLSearchParams, key: keyof typeof ranges): number {
  const { usual, min, max } = ranges[key];
  const given = overrides.get(key);
  if (given === null || !/^\d+$/.test(given)) return usual;
  return Math.min(max, Math.max(min, Number(given)));
}

/** @returns the policy, and the address without its fragment: what is called and signed. */
export function policyOf(address: string): { readonly url: string; readonly policy: WebhookPolicy } {
  const [url = '', fragment = ''] = address.split('#');
  const overrides = new URLSearchParams(fragment);
  const retried = new Set((overrides.get('rp') ?? 'ct').split(','));
  const retries = (kind: string) => retried.has(kind) || retried.has('all');
  return {
    url,
    policy: {
      connectTimeoutMs: read(overrides, 'ct'),
      readTimeoutMs: read(overrides, 'rt'),
      totalTimeoutMs: read(overrides, 'tt'),
      retriesMax: read(overrides, 'rc'),
      retriesStatus: (status) =>
        (status >= 500 && retries('5xx')) || (status >= 400 && status <= 499 && retries('4xx')),
      retriesFailure: (error) => retries(error instanceof ConnectTimeout ? 'ct' : 'rt'),
    },
  };
}

/** What an answer says of the account's rate limits. Source: Anthropic API reference, "Rate limits", response headers. */
import { type RateLimitReading, rateLimitKinds } from '#core/ports/language-model.ts';

const whole = /^\d{1,15}$/;

/** Limits that the headers do not name, or not as numbers, are left out. */
export function readRateLimits(headers: Pick<Headers, 'get'>, model: string): readonly RateLimitReading[] {
  return rateLimitKinds.flatMap((kind) => {
    const limit = headers.get(`anthropic-ratelimit-${kind}-limit`) ?? '';
    const remaining = headers.get(`anthropic-ratelimit-${kind}-remaining`) ?? '';
    if (!whole.test(limit) || !whole.test(remaining) || Number(limit) === 0) return [];
    return [{ model, kind, limit: Number(limit), remaining: Number(remaining) }];
  });
}

/** A limit at the door: counted, told to the client in headers, and refused with the time to come back. */
import { HttpProblem } from '#core/http/problem.ts';
import { type Circuit, createCircuit } from '#core/rate-limits/circuit.ts';
import type { RateDecision, RateRule } from '#core/rate-limits/sliding-window.ts';
import type { LimitHitLine } from '#core/telemetry/log-lines.ts';
import { reportProvider } from './failures.ts';
import type { Services } from './services.ts';

export interface Taking {
  readonly rule: RateRule;
  /** A key's id or a hash. */
  readonly subject: string;
  /** Who it was, for the line: never a number or an address in clear. */
  readonly line: Omit<LimitHitLine, 'msg' | 'limit' | 'retryAfterSeconds'>;
}

/** As the draft "RateLimit header fields for HTTP" has them. */
const headersOf = ({ limit, remaining, resetSeconds, windowSeconds }: RateDecision) => ({
  'ratelimit-limit': String(limit),
  'ratelimit-remaining': String(remaining),
  'ratelimit-reset': String(resetSeconds),
  'ratelimit-policy': `${limit};w=${windowSeconds}`,
});

/** @returns the headers of the answer. Throws `HttpProblem` (`too_many_requests`). */
export async function takeOrRefuse(
  { limiter, clock, telemetry }: Pick<Services, 'limiter' | 'clock' | 'telemetry'>,
  { rule, subject, line }: Taking,
): Promise<Readonly<Record<string, string>>> {
  const decision = await limiter.take(rule, subject);
  const headers = headersOf(decision);
  if (decision.allowed) return headers;
  const retryAfterSeconds = Math.max(1, Math.ceil((decision.retryAtMs - clock.now().getTime()) / 1000));
  telemetry.emit('warn', { msg: 'limit.hit', limit: rule.name, ...line, retryAfterSeconds });
  throw new HttpProblem(
    'too_many_requests',
    `That was more than ${decision.limit} in ${decision.windowSeconds} seconds. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
    { ...headers, 'retry-after': String(retryAfterSeconds) },
  );
}

interface Headed {
  readonly headers?: Readonly<Record<string, string>>;
}

/** A place first, whatever becomes of the request then: every answer, a refusal too, tells what is left. */
export async function takeThen<T extends Headed>(
  services: Pick<Services, 'limiter' | 'clock' | 'telemetry'>,
  taking: Taking,
  work: () => Promise<T>,
): Promise<T> {
  const limits = await takeOrRefuse(services, taking);
  try {
    const answer = await work();
    return { ...answer, headers: { ...limits, ...answer.headers } };
  } catch (error) {
    throw error instanceof HttpProblem ? error.withHeaders(limits) : error;
  }
}

/** One for all that the table of limits keeps: when it does not answer, nobody waits for it who has another way. */
export function createLimitsCircuit({ clock, telemetry }: Pick<Services, 'clock' | 'telemetry'>): Circuit {
  return createCircuit({
    nowMs: () => clock.nowMs(),
    onFailure: (error) => reportProvider(telemetry, error),
    onOpened: () => telemetry.log('error', { msg: 'limits.circuit-opened' }),
    onClosed: (openForMs) =>
      telemetry.log('info', { msg: 'limits.circuit-closed', openForMs: Math.round(openForMs) }),
  });
}

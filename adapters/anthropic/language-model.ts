/** `LanguageModel` over Claude's streaming Messages API. */
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { CancelledError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { LanguageModel, RateLimitReading, ReplyPart, ReplyRequest } from '#core/ports/language-model.ts';
import { requestError, truncatedError, unreadableError } from './failures.ts';
import { type CacheTtl, translateRequest } from './message-translation.ts';
import { readRateLimits } from './rate-limit-headers.ts';
import { createReplyAssembly } from './reply-assembly.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';
import { readStreamEvent, type StreamEvent } from './stream-events.ts';

export interface AnthropicLanguageModelOptions {
  readonly apiKey: string;
  /** Origin, without `/v1`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** From request to the first event of the reply. A ping is not one. */
  readonly firstEventTimeoutMs: number;
  /** Between two events of a reply. A ping counts as one, a limited number of times. */
  readonly eventGapTimeoutMs: number;
  /** How long the vendor keeps the stable prefix: one hour costs more to write, five minutes must be kept warm. */
  readonly cacheTtl?: CacheTtl;
  /** What each answer says of the account's limits, refusals too. Must neither throw nor wait. */
  readonly onRateLimit?: (reading: RateLimitReading) => void;
}

const usualCacheTtl: CacheTtl = '5m';
/** After a complete reply the body is read to its end, so that its connection can serve the next one. */
const drainTimeoutMs = 1_000;
/** The SDK wants a bound for the response headers; ours is shorter and tells first, on the same clock as the rest. */
const headersTimeoutSlackMs = 5_000;

interface ServerSentEvent {
  readonly event: string | null;
  readonly data: string;
}

function createClient(options: AnthropicLanguageModelOptions): Anthropic {
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    // Whether and with which model to try again is the conversation's decision: it knows what the caller has heard.
    maxRetries: 0,
    timeout: options.firstEventTimeoutMs + headersTimeoutSlackMs,
    // Its log lines can hold whole prompts, and an environment variable could switch them on.
    logLevel: 'off',
  });
}

/** The SDK's parsed stream hides pings and prints what it cannot parse, so the events are read raw. */
async function openEvents(
  client: Anthropic,
  request: ReplyRequest,
  options: Pick<AnthropicLanguageModelOptions, 'cacheTtl' | 'onRateLimit'>,
  connection: AbortController,
): Promise<AsyncIterator<ServerSentEvent>> {
  const tellLimits = (headers: Headers | undefined) => {
    if (options.onRateLimit && headers) readRateLimits(headers, request.model).forEach(options.onRateLimit);
  };
  const body = translateRequest(request, options.cacheTtl ?? usualCacheTtl);
  const response = await client.messages
    .create(body, { signal: connection.signal })
    .asResponse()
    .catch((error: unknown) => {
      if (error instanceof APIError) tellLimits(error.headers);
      throw error;
    });
  tellLimits(response.headers);
  return Stream.rawEvents(response, connection)[Symbol.asyncIterator]();
}

function readEvent({ data }: ServerSentEvent): StreamEvent {
  try {
    return readStreamEvent(data);
  } catch (cause) {
    throw unreadableError('event', cause);
  }
}

/** The next event that matters, or `undefined` at the end of the body. */
async function nextEvent(
  events: AsyncIterator<ServerSentEvent>,
  watch: StallWatch,
): Promise<StreamEvent | undefined> {
  for (;;) {
    const next = await events.next().catch((cause: unknown) => {
      throw truncatedError(cause);
    });
    if (next.done) return undefined;
    if (next.value.data === '') continue;
    const event = readEvent(next.value);
    if (event.type !== 'other') return event;
    watch.ping();
  }
}

/** Reads what is left of a finished reply, for a bounded time, without keeping anybody waiting. */
async function drain(
  events: AsyncIterator<ServerSentEvent>,
  connection: AbortController,
  clock: Clock,
): Promise<void> {
  const cancelTimer = clock.setTimer(drainTimeoutMs, () => connection.abort());
  try {
    while (!(await events.next()).done);
  } catch {
    // The reply was complete: how its connection ended concerns nobody.
  } finally {
    cancelTimer();
  }
}

/** Makes no retries; see `LanguageModel` for what it throws. */
export function createAnthropicLanguageModel(options: AnthropicLanguageModelOptions): LanguageModel {
  const client = createClient(options);
  const { clock, cacheTtl = usualCacheTtl } = options;

  async function* reply(
    request: ReplyRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<ReplyPart, void, undefined> {
    if (signal.aborted) throw new CancelledError();
    const connection = new AbortController();
    const cancel = () => connection.abort();
    const watch = createStallWatch(clock, options, cancel);
    const assembly = createReplyAssembly(request.model, cacheTtl);
    let events: AsyncIterator<ServerSentEvent> | undefined;
    signal.addEventListener('abort', cancel, { once: true });
    try {
      watch.requested();
      events = await openEvents(client, request, options, connection);
      while (!assembly.complete) {
        if (assembly.started) watch.waiting();
        const event = await nextEvent(events, watch);
        watch.rest();
        if (!event) throw truncatedError();
        const parts = assembly.take(event);
        for (const part of parts) {
          if (signal.aborted) throw new CancelledError();
          yield part;
        }
      }
    } catch (cause) {
      if (signal.aborted) throw new CancelledError();
      throw watch.error ?? requestError(cause);
    } finally {
      watch.rest();
      signal.removeEventListener('abort', cancel);
      if (assembly.complete && events) void drain(events, connection, clock);
      else connection.abort();
    }
  }

  return { reply };
}

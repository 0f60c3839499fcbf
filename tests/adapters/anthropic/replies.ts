/** The adapter on a strict server, and what comes of a reply. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ReplyPart, ReplyRequest } from '#core/ports/language-model.ts';
import { type Answer, type StrictMessagesApi, startStrictMessagesApi } from './strict-messages-api.ts';

export const request: ReplyRequest = {
  model: 'claude-haiku-4-5',
  maxTokens: 400,
  system: [{ text: 'You answer the phone.', cached: true }],
  tools: [],
  messages: [{ role: 'caller', text: 'Hello?' }],
};

export const textOf = (parts: readonly ReplyPart[]) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

export const endOf = (parts: readonly ReplyPart[]) => {
  const end = parts.at(-1);
  assert.equal(end?.type, 'end');
  return end;
};

export const never = new AbortController().signal;

/** To be called in a `describe`: one server for its tests. */
export function useStrictApi() {
  let api: StrictMessagesApi;
  before(async () => {
    api = await startStrictMessagesApi();
  });

  after(() => api.close());

  const modelOn = (clock: Clock = systemClock) =>
    createAnthropicLanguageModel({
      apiKey: 'sk-ant-test',
      baseUrl: api.url,
      clock,
      firstEventTimeoutMs: 3_000,
      eventGapTimeoutMs: 3_000,
    });

  const replyTo = async (
    answer: Answer,
    { over = request, signal = never, clock = systemClock as Clock } = {},
  ) => {
    api.answer(answer);
    const parts: ReplyPart[] = [];
    for await (const part of modelOn(clock).reply(over, { signal })) parts.push(part);
    return parts;
  };

  const failureOf = async (answer: Answer) => {
    const error = await replyTo(answer).then(
      () => assert.fail('the reply should have failed'),
      (cause: unknown) => cause,
    );
    assert.ok(error instanceof ProviderError, String(error));
    return error;
  };

  return {
    get api() {
      return api;
    },
    modelOn,
    replyTo,
    failureOf,
  };
}

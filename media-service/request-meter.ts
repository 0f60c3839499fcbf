/** Counts what one model request buys: by the service's own figures, and by estimate where it gave none. */
import { estimateOutputTokens } from '#core/costs/estimate-tokens.ts';
import type { PromptEstimates, PromptShape } from '#core/costs/prompt-estimates.ts';
import type { ModelUsage } from '#core/costs/usage.ts';
import { isProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ModelMessage, ReplyRequest } from '#core/ports/language-model.ts';
import type { RequestMeter } from './assistant-turn.ts';

export interface RunningRequestMeter extends RequestMeter {
  wrote(delta: string): void;
  counted(usage: ModelUsage, final: boolean): void;
  /** @param left we gave it up ourselves. */
  failed(error: unknown, left: boolean): void;
}

export function shapeOf(
  { system, tools }: Pick<ReplyRequest, 'system' | 'tools'>,
  model: string,
  messages: readonly ModelMessage[],
): PromptShape {
  return {
    model,
    prefix: JSON.stringify([tools, system]),
    messages: messages.map((message) => JSON.stringify(message)),
  };
}

const nothing: ModelUsage = {
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
};

/** Exact when the model reported its end. The vendor bills a prompt that it has taken, whoever stops listening. */
export function createRequestMeter(options: {
  readonly prompt: PromptShape;
  readonly estimates: PromptEstimates;
  readonly clock: Clock;
}): RunningRequestMeter {
  const { prompt, estimates, clock } = options;
  const { model } = prompt;
  const madeAtMs = clock.nowMs();
  let usage: ModelUsage | undefined;
  let isFinal = false;
  let text = '';
  let failed = false;
  let taken = true;
  let wasEstimated = false;

  return {
    wrote(delta) {
      text += delta;
    },
    counted(counted, final) {
      if (usage === undefined) estimates.counted(prompt, counted, clock.nowMs());
      usage = counted;
      isFinal = final;
    },
    failed(error, left) {
      failed = true;
      taken = left || !isProviderError(error) || error.taken;
    },
    read() {
      if (usage === undefined && !taken)
        return !wasEstimated ? undefined : { model, usage: nothing, estimated: true, failed: true };
      wasEstimated ||= usage === undefined;
      const known = usage ?? estimates.estimate(prompt, madeAtMs);
      const outputTokens = isFinal
        ? known.outputTokens
        : Math.max(known.outputTokens, estimateOutputTokens(text, model));
      return {
        model,
        usage: { ...known, outputTokens },
        estimated: !isFinal,
        failed: failed && text === '',
      };
    },
    isUncounted: () => usage === undefined && taken,
  };
}

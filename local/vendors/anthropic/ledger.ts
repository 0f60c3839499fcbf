/** What the simulated API would bill, by kind of token. */
import type { PromptUsage } from './prompt-cache.ts';

export interface TokenTotals {
  /** Taken, whatever became of them: refused ones are not billed. The vendor does not say when a prompt counts. */
  readonly requests: number;
  /** Left by the client before their end. */
  readonly abortedRequests: number;
  readonly inputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly cacheReadTokens: number;
  /** Also those made for a client that had left in the middle. */
  readonly outputTokens: number;
}

export interface AnthropicLedger extends TokenTotals {
  readonly byModel: Readonly<Record<string, TokenTotals>>;
}

/** What one model was used for on one day, UTC. */
export interface DailyUse {
  readonly day: string;
  readonly model: string;
  readonly totals: TokenTotals;
}

/** A month of days, of a handful of models. */
const dailyMax = 400;

type Counters = { -readonly [Key in keyof TokenTotals]: number };

const zero = (): Counters => ({
  requests: 0,
  abortedRequests: 0,
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
});

export function createLedger() {
  const totals = zero();
  /** Only models that exist get here: the list is short. */
  const byModel: Record<string, Counters> = {};
  const daily = new Map<
    string,
    { readonly day: string; readonly model: string; readonly totals: Counters }
  >();
  const ofToday = (model: string) => {
    const day = new Date().toISOString().slice(0, 10);
    const key = `${day} ${model}`;
    const use = daily.get(key) ?? { day, model, totals: zero() };
    daily.set(key, use);
    const oldest = daily.keys().next().value;
    if (daily.size > dailyMax && oldest !== undefined) daily.delete(oldest);
    return use.totals;
  };
  const each = (model: string, change: (counters: Counters) => void) => {
    change(ofToday(model));
    byModel[model] ??= zero();
    change(totals);
    change(byModel[model]);
  };
  return {
    addPrompt: (model: string, usage: PromptUsage) =>
      each(model, (counters) => {
        counters.requests += 1;
        counters.inputTokens += usage.inputTokens;
        counters.cacheWrite5mTokens += usage.write5mTokens;
        counters.cacheWrite1hTokens += usage.write1hTokens;
        counters.cacheReadTokens += usage.readTokens;
      }),
    addOutput: (model: string, tokens: number, aborted: boolean) =>
      each(model, (counters) => {
        counters.outputTokens += tokens;
        counters.abortedRequests += aborted ? 1 : 0;
      }),
    days: (): readonly DailyUse[] => structuredClone([...daily.values()]),
    read: (): AnthropicLedger => structuredClone({ ...totals, byModel }),
  };
}

export type Ledger = ReturnType<typeof createLedger>;

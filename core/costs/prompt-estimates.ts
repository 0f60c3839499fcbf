/**
 * What the prompt of a request cost that was left before the service counted it: a reply given up while the model
 * still reads has no usage, and is billed all the same. Learned from requests that were counted. Pure.
 */
import { charsPerToken, tokenizerFactorOf } from './estimate-tokens.ts';
import type { ModelUsage } from './usage.ts';

export interface PromptShape {
  readonly model: string;
  /** Tools and system prompt, as text: the part that many calls share. */
  readonly prefix: string;
  /** Each message as text, oldest first. */
  readonly messages: readonly string[];
}

export interface PromptEstimates {
  /** The service has counted this prompt. */
  counted(prompt: PromptShape, usage: ModelUsage, atMs: number): void;
  /**
   * Prompt tokens as the service would count them; no output. Asked again it may know better.
   * @param atMs when the request was made.
   */
  estimate(prompt: PromptShape, atMs: number): ModelUsage;
  /** For one call: what is learned of its conversation is not kept longer than the call. */
  forCall(): PromptEstimates;
}

/** Five minutes: how long the vendor's cache keeps what nobody reads (Anthropic, "Prompt caching"). */
const cacheLifeMs = 300_000;
/** Prefixes remembered: one for each persona and model, many times over. */
const prefixesMax = 200;
/** Counted prompts of one call that a later one may begin with. */
const promptsMax = 20;

interface PrefixFacts {
  /** Tokens of the prefix: the least that was ever read of it, for a conversation adds to what is read. */
  tokens: number | undefined;
  tokensPerChar: number;
  /** False where a prompt was too short for the vendor's cache. */
  isCached: boolean;
  /** When it was counted first, and whether it lay in the cache already. */
  firstAtMs: number;
  wasThere: boolean;
  usedAtMs: number;
}

interface CountedPrompt {
  readonly model: string;
  readonly text: string;
  readonly totalTokens: number;
  /** What the cache holds of it. */
  readonly cachedTokens: number;
}

const textOf = ({ prefix, messages }: PromptShape) => [prefix, ...messages].join('\n');
const totalOf = (usage: ModelUsage) =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;

function createPrefixes() {
  const known = new Map<string, PrefixFacts>();
  /** Of the latest prompt of a model, for one whose prefix nobody has seen. */
  const tokensPerChar = new Map<string, number>();
  const keyOf = ({ model, prefix }: PromptShape) => `${model} ${prefix}`;
  return {
    find: (prompt: PromptShape) => known.get(keyOf(prompt)),
    tokensPerCharOf: ({ model }: PromptShape) =>
      tokensPerChar.get(model) ?? tokenizerFactorOf(model) / charsPerToken,
    learn(prompt: PromptShape, usage: ModelUsage, atMs: number) {
      const perChar = totalOf(usage) / Math.max(1, textOf(prompt).length);
      const key = keyOf(prompt);
      const facts = known.get(key);
      const before = facts?.tokens ?? Number.POSITIVE_INFINITY;
      const read = usage.cacheReadTokens > 0 ? usage.cacheReadTokens : Number.POSITIVE_INFINITY;
      const tokens = Math.min(before, read);
      known.delete(key);
      known.set(key, {
        tokens: Number.isFinite(tokens) ? tokens : undefined,
        tokensPerChar: perChar,
        isCached: usage.inputTokens < totalOf(usage),
        firstAtMs: facts?.firstAtMs ?? atMs,
        wasThere: facts?.wasThere ?? usage.cacheReadTokens > 0,
        usedAtMs: atMs,
      });
      tokensPerChar.set(prompt.model, perChar);
      const oldest = known.keys().next().value;
      if (known.size > prefixesMax && oldest !== undefined) known.delete(oldest);
    },
  };
}

type Prefixes = ReturnType<typeof createPrefixes>;

/** Also of a moment before it was first counted: what lay in the cache then, lay there a little earlier too. */
const wasWarm = ({ firstAtMs, wasThere, usedAtMs }: PrefixFacts, atMs: number): boolean =>
  atMs < firstAtMs ? wasThere : atMs - usedAtMs < cacheLifeMs;

/** Shorter prompts are not cached (Anthropic, "Prompt caching"); prompts of ours are longer than the others' minimum. */
const cacheTokensMinOf = (model: string): number =>
  /^claude-(haiku-4-5|opus-4-[56])/.test(model) ? 4_096 : 0;

/** What of this prompt lies in the cache, and how many tokens it has. */
function measure(prompt: PromptShape, atMs: number, prefixes: Prefixes, prompts: readonly CountedPrompt[]) {
  const text = textOf(prompt);
  const before = prompts.findLast(
    ({ model, text: start }) => model === prompt.model && text.startsWith(start),
  );
  const facts = prefixes.find(prompt);
  const perChar = facts?.tokensPerChar ?? prefixes.tokensPerCharOf(prompt);
  if (before !== undefined) {
    const added = Math.round((text.length - before.text.length) * perChar);
    const isCached = facts?.isCached ?? true;
    return { total: before.totalTokens + added, cached: before.cachedTokens, isCached };
  }
  const prefixTokens = facts?.tokens ?? Math.round(prompt.prefix.length * perChar);
  const rest = Math.round((text.length - prompt.prefix.length) * perChar);
  const isWarm = facts !== undefined && wasWarm(facts, atMs);
  const isCached = facts?.isCached ?? prefixTokens + rest >= cacheTokensMinOf(prompt.model);
  return { total: prefixTokens + rest, cached: isWarm && isCached ? prefixTokens : 0, isCached };
}

function createFor(prefixes: Prefixes): PromptEstimates {
  const prompts: CountedPrompt[] = [];
  return {
    counted(prompt, usage, atMs) {
      prefixes.learn(prompt, usage, atMs);
      const totalTokens = totalOf(usage);
      const cachedTokens = totalTokens - usage.inputTokens;
      prompts.push({ model: prompt.model, text: textOf(prompt), totalTokens, cachedTokens });
      if (prompts.length > promptsMax) prompts.shift();
    },
    estimate(prompt, atMs) {
      const { total, cached, isCached } = measure(prompt, atMs, prefixes, prompts);
      // The end of every prompt of ours is marked: what is not read is written, where the cache takes it.
      const rest = Math.max(0, total - cached);
      return {
        inputTokens: isCached ? 0 : rest,
        cacheWrite5mTokens: isCached ? rest : 0,
        cacheWrite1hTokens: 0,
        cacheReadTokens: Math.min(cached, total),
        outputTokens: 0,
      };
    },
    forCall: () => createFor(prefixes),
  };
}

export const createPromptEstimates = (): PromptEstimates => createFor(createPrefixes());

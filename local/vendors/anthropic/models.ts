/** What each model takes (Anthropic's model pages, migration guides and prompt-caching guide, November 2026). */

export type ThinkingType = 'adaptive' | 'between_tools' | 'disabled' | 'enabled';

export interface ModelFacts {
  /** Prompts shorter than this are silently not cached. */
  readonly cacheTokensMin: number;
  readonly thinking: readonly ThinkingType[];
  /** It thinks, visibly or not, unless told otherwise. */
  readonly thinksByDefault: boolean;
  readonly takesEffort: boolean;
  /** A conversation that ends with the assistant's words, to be continued by the model. */
  readonly takesPrefill: boolean;
  readonly takesForcedTool: boolean;
  /** The tokenizer of 4.7 and later counts about 30 % more tokens. */
  readonly newTokenizer: boolean;
  readonly contextTokensMax: number;
}

const fifth: ModelFacts = {
  cacheTokensMin: 512,
  thinking: ['adaptive', 'disabled'],
  thinksByDefault: true,
  takesEffort: true,
  takesPrefill: false,
  takesForcedTool: true,
  newTokenizer: true,
  contextTokensMax: 1_000_000,
};
const alwaysThinks: ModelFacts = { ...fifth, thinking: ['adaptive'] };
const fourth: ModelFacts = {
  ...fifth,
  cacheTokensMin: 1_024,
  thinking: ['adaptive', 'enabled', 'disabled'],
  thinksByDefault: false,
  takesPrefill: true,
  newTokenizer: false,
};
/** Budgeted thinking only, no effort, a smaller context. */
const older: ModelFacts = {
  ...fourth,
  cacheTokensMin: 4_096,
  thinking: ['enabled', 'disabled'],
  takesEffort: false,
  contextTokensMax: 200_000,
};

const models: Readonly<Record<string, ModelFacts>> = {
  'claude-haiku-5-5': fifth,
  'claude-sonnet-5-5': { ...fifth, thinking: ['adaptive', 'between_tools'], takesForcedTool: false },
  'claude-opus-5-5': alwaysThinks,
  'claude-fable-5': alwaysThinks,
  'claude-fable-5-1': alwaysThinks,
  'claude-fable-5-2': alwaysThinks,
  'claude-mythos-5': alwaysThinks,
  'claude-mythos-5-1': alwaysThinks,
  'claude-mythos-5-2': alwaysThinks,
  'claude-mythos-preview': { ...alwaysThinks, cacheTokensMin: 2_048 },
  'claude-sonnet-5': { ...fifth, cacheTokensMin: 1_024 },
  'claude-opus-5': fifth,
  'claude-opus-4-8': { ...fourth, newTokenizer: true },
  'claude-opus-4-7': { ...fourth, cacheTokensMin: 2_048, newTokenizer: true },
  'claude-opus-4-6': { ...fourth, cacheTokensMin: 4_096 },
  'claude-sonnet-4-6': fourth,
  'claude-opus-4-5': older,
  'claude-haiku-4-5': older,
  'claude-sonnet-4-5': { ...older, cacheTokensMin: 1_024 },
};

/** Only models before 4.6 have ids with a date. */
const datedIds: Readonly<Record<string, string>> = {
  'claude-haiku-4-5-20251001': 'claude-haiku-4-5',
  'claude-opus-4-5-20251101': 'claude-opus-4-5',
  'claude-sonnet-4-5-20250929': 'claude-sonnet-4-5',
};

/** @returns undefined for a model that does not exist. */
export function factsOf(model: string): ModelFacts | undefined {
  const id = datedIds[model] ?? model;
  return Object.hasOwn(models, id) ? models[id] : undefined;
}

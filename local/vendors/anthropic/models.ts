/** What each model takes. Source: Anthropic, model overviews and the prompt-caching guide. */
export interface ModelFacts {
  /** Prompts shorter than this are silently not cached. */
  readonly cacheTokensMin: number;
  /** Ways to think that the model refuses. */
  readonly refusesThinking: readonly string[];
  /** Newer models refuse a conversation that ends with the assistant's words. */
  readonly refusesPrefill: boolean;
  readonly refusesForcedTool: boolean;
}

const fifth = { cacheTokensMin: 512, refusesPrefill: true, refusesForcedTool: false } as const;

export const models: Readonly<Record<string, ModelFacts>> = {
  'claude-haiku-5-5': { ...fifth, refusesThinking: ['enabled', 'between_tools'] },
  'claude-sonnet-5-5': { ...fifth, refusesThinking: ['enabled', 'disabled'], refusesForcedTool: true },
  'claude-opus-5-5': { ...fifth, refusesThinking: ['enabled', 'disabled', 'between_tools'] },
  'claude-sonnet-5': { ...fifth, cacheTokensMin: 1_024, refusesThinking: ['enabled', 'between_tools'] },
  'claude-opus-5': { ...fifth, refusesThinking: ['enabled', 'between_tools'] },
  'claude-haiku-4-5': {
    cacheTokensMin: 4_096,
    refusesThinking: ['adaptive', 'between_tools'],
    refusesPrefill: false,
    refusesForcedTool: false,
  },
  'claude-sonnet-4-6': {
    cacheTokensMin: 1_024,
    refusesThinking: ['between_tools'],
    refusesPrefill: false,
    refusesForcedTool: false,
  },
};

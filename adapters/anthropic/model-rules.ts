/** What differs between Claude models in a request of ours. One line per family. */
import type { OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages/messages';

/**
 * A caller waits for the first word, so a model thinks as little as it lets us ask for.
 * What a model does not accept is left out: the API answers 400 to a setting that it does not know.
 */
export interface ModelRule {
  readonly thinking?: ThinkingConfigParam;
  readonly effort?: NonNullable<OutputConfig['effort']>;
  /** Tokens on top of the reply's own limit for thinking that cannot be switched off: it is taken from `max_tokens`. */
  readonly thinkingTokens?: number;
}

/** Room for thinking that cannot be switched off; with less a short answer may be thought but never said. */
const alwaysThinkingTokens = 4_096;

/** By id without date suffix (Anthropic's model pages and the Sonnet 5.5 migration guide, November 2026). */
const rules: Record<string, ModelRule> = {
  'claude-haiku-5-5': { thinking: { type: 'disabled' } },
  // Refuses `disabled`; the effort has to stay the same for the whole conversation.
  'claude-sonnet-5-5': { thinking: { type: 'between_tools' }, effort: 'low' },
  'claude-opus-5': { thinking: { type: 'disabled' } },
  // No thinking unless asked for, and no effort setting.
  'claude-haiku-4-5': {},
  'claude-sonnet-4-5': {},
  'claude-opus-5-5': { thinkingTokens: alwaysThinkingTokens },
  'claude-fable-5': { thinkingTokens: alwaysThinkingTokens },
  'claude-fable-5-1': { thinkingTokens: alwaysThinkingTokens },
  'claude-fable-5-2': { thinkingTokens: alwaysThinkingTokens },
  'claude-mythos-5': { thinkingTokens: alwaysThinkingTokens },
  'claude-mythos-5-1': { thinkingTokens: alwaysThinkingTokens },
  'claude-mythos-5-2': { thinkingTokens: alwaysThinkingTokens },
};

const dateSuffix = /-\d{8}$/;

/** @returns the vendor's defaults (no setting at all) for a model that is not in the table. */
export function ruleOfModel(model: string): ModelRule {
  const id = model.replace(dateSuffix, '');
  return (Object.hasOwn(rules, id) ? rules[id] : undefined) ?? {};
}

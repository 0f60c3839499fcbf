/** The conversation as both sides heard it: what the model is told was said. */
import type { AssistantBlock, ModelMessage, ToolResultBlock } from '../ports/language-model.ts';

/** A round of tools inside an assistant turn: calls and all their results, in pairs. */
export interface ToolRound {
  /** Words the caller heard before the tools ran. */
  readonly heard: string;
  /** The model's blocks without its words: tool calls and what must go back unchanged. */
  readonly calls: readonly AssistantBlock[];
  readonly results: readonly ToolResultBlock[];
}

export type HistoryEntry =
  | { readonly type: 'caller'; readonly text: string }
  | {
      readonly type: 'assistant';
      readonly rounds: readonly ToolRound[];
      /** Words the caller heard after the last round. */
      readonly heard: string;
      readonly interrupted: boolean;
    };

/** Told to the model where the caller spoke into its words. */
const interruptedNote = '[The caller interrupted here.]';

function textBlock(text: string): readonly AssistantBlock[] {
  return text.trim() === '' ? [] : [{ type: 'text', text: text.trim() }];
}

function assistantMessages(entry: Extract<HistoryEntry, { type: 'assistant' }>): readonly ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const round of entry.rounds) {
    messages.push({ role: 'assistant', blocks: [...textBlock(round.heard), ...round.calls] });
    messages.push({ role: 'tool-results', results: round.results });
  }
  const words =
    entry.interrupted && entry.heard.trim() !== ''
      ? `${entry.heard.trim()} … ${interruptedNote}`
      : entry.heard;
  if (words.trim() !== '') messages.push({ role: 'assistant', blocks: textBlock(words) });
  return messages;
}

/** Consecutive words of the caller become one message: an answer nobody heard leaves no trace between them. */
export function toModelMessages(history: readonly HistoryEntry[]): readonly ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const entry of history) {
    if (entry.type === 'assistant') {
      messages.push(...assistantMessages(entry));
      continue;
    }
    const last = messages.at(-1);
    if (last?.role === 'caller')
      messages[messages.length - 1] = { role: 'caller', text: `${last.text} ${entry.text}` };
    else messages.push({ role: 'caller', text: entry.text });
  }
  return messages;
}

/**
 * Keeps the newest part within a bound, from a caller's words on, so that no tool pair is torn.
 * @param messagesMax at least 2
 */
export function trimMessages(
  messages: readonly ModelMessage[],
  messagesMax: number,
): readonly ModelMessage[] {
  if (messages.length <= messagesMax) return messages;
  const start = messages.findIndex(
    (message, i) => i >= messages.length - messagesMax && message.role === 'caller',
  );
  return start === -1 ? messages : messages.slice(start);
}

/** Splits what was heard of a turn over its rounds, by how much each round said. */
export function splitHeard(heard: string, roundTexts: readonly string[]): readonly string[] {
  let rest = heard;
  return roundTexts.map((text, i) => {
    if (i === roundTexts.length - 1) return rest.trim();
    const part = rest.slice(0, text.length);
    rest = rest.slice(text.length);
    return part.trim();
  });
}

/** Thinking blocks: what they hold is for the model alone, and they are signed. */
import { createHmac } from 'node:crypto';
import { factsOf } from './models.ts';
import type { MessagesRequest } from './request.ts';

/** Signs for nobody but this simulation; a fixed key lets a conversation go on after a restart. */
const key = 'simulated thinking';
/** What the model thinks before it speaks; its length is what is billed. */
const thought = 'What does the caller need right now, and what is the kindest short answer to it? '.repeat(2);

export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

const sign = (model: string, thinking: string): string =>
  createHmac('sha256', key).update(`${model}\n${thinking}`).digest('base64');

export const isSigned = (model: string, block: Omit<ThinkingBlock, 'type'>): boolean =>
  block.signature === sign(model, block.thinking);

/**
 * What is thought before the answer; undefined when thinking is off.
 * @returns the block as it is sent, and the thought as it is billed: by default the block's text is left out
 */
export function thinkBefore({
  model,
  thinking,
}: MessagesRequest): { readonly block: ThinkingBlock; readonly thought: string } | undefined {
  const type = thinking?.type ?? (factsOf(model)?.thinksByDefault ? 'adaptive' : 'disabled');
  if (type === 'disabled' || type === 'between_tools') return undefined;
  const isShown =
    (thinking && 'display' in thinking && thinking.display === 'summarized') || type === 'enabled';
  const shown = isShown ? 'The caller needs a short, kind answer.' : '';
  return { block: signedBlock(model, shown), thought };
}

export const signedBlock = (model: string, thinking: string): ThinkingBlock => ({
  type: 'thinking',
  thinking,
  signature: sign(model, thinking),
});

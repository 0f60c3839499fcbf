/** From the machine's name of a phrase to the words of a persona. */
import { type PhraseKind, phrase } from '#core/conversation/phrases.ts';
import type { PhraseName } from '#core/conversation/state.ts';
import type { Persona } from '#core/personas/persona.ts';

const kinds: Record<Exclude<PhraseName, 'greeting'>, PhraseKind> = {
  'model-failed': 'model-failed',
  'not-understood': 'not-understood',
  'cannot-hear': 'cannot-hear',
  'cannot-hear-press-0': 'cannot-hear-press-0',
  're-prompt': 're-prompt',
  'silence-goodbye': 'silence-goodbye',
  goodbye: 'goodbye',
  crisis: 'crisis',
  transferring: 'transferring',
  'transfer-failed': 'transfer-failed',
  'transfer-unavailable': 'transfer-unavailable',
  'max-duration-warning': 'max-duration-warning',
  'max-duration-goodbye': 'max-duration-goodbye',
  'over-budget-goodbye': 'over-budget-goodbye',
  'drain-goodbye': 'drain-goodbye',
};

export function phraseWords(persona: Persona, name: PhraseName, nth: number): string {
  if (name === 'greeting') return persona.greeting;
  return phrase(persona.audience, kinds[name], { variant: nth });
}

/** @param tool what the caller waits for, when it is a tool. */
export function holdWords(persona: Persona, tool: string | undefined, nth: number): string {
  return phrase(persona.audience, 'hold', {
    variant: nth,
    ...(tool === undefined ? {} : { toolName: tool }),
  });
}

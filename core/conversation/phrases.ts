/** Picks the fixed sentences that the system itself says. */
import type { Audience, Persona } from '../personas/persona.ts';
import { type PhraseKind, phraseKinds, phraseTexts, toolHolds, type Variants } from './phrase-texts.ts';

export { type PhraseKind, phraseKinds } from './phrase-texts.ts';

/** `courts.searchRecords` and `search_records` are made of the same words. */
const wordsOfName = (toolName: string): readonly string[] =>
  toolName
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** With a tool's name a hold begins with the sentence of that kind of tool. */
function variantsOf(audience: Audience, kind: PhraseKind, toolName: string | undefined): Variants {
  const general = phraseTexts[audience][kind];
  if (kind !== 'hold' || toolName === undefined) return general;
  const special = toolHolds.find(({ words }) => wordsOfName(toolName).some((word) => words.includes(word)));
  return special === undefined ? general : [special.texts[audience], ...general];
}

/**
 * The words of a fixed sentence.
 *
 * @param options.variant counted from 0, and from the start again behind the last; default 0.
 * @param options.toolName for a `hold`: the tool that the caller waits for.
 */
export function phrase(
  audience: Audience,
  kind: PhraseKind,
  options: { readonly variant?: number; readonly toolName?: string } = {},
): string {
  const variants = variantsOf(audience, kind, options.toolName);
  const wanted = Math.max(0, Math.trunc(options.variant ?? 0));
  return variants[wanted % variants.length] ?? variants[0];
}

/** Both audiences have the same number of variants, or this is that of the shorter list. */
const variantCount = (kind: PhraseKind): number =>
  Math.min(phraseTexts.adult[kind].length, phraseTexts.child[kind].length);

/**
 * The next variant to say: the one used longest ago, never the last one again where there are two or more.
 *
 * @param used variants already said in this call, oldest first.
 */
export function pickVariant(kind: PhraseKind, used: readonly number[]): number {
  const lastUse = Array.from({ length: variantCount(kind) }, (_, variant) => used.lastIndexOf(variant));
  return lastUse.indexOf(Math.min(...lastUse));
}

export interface FixedPhrase {
  readonly kind: PhraseKind | 'greeting';
  readonly text: string;
}

/** Every fixed sentence a persona may say, each once: what is worth recording in its voice. */
export function allPhrases(persona: Persona): readonly FixedPhrase[] {
  const fixed = phraseKinds.flatMap((kind) =>
    phraseTexts[persona.audience][kind].map((text): FixedPhrase => ({ kind, text })),
  );
  const holds = toolHolds.map(({ texts }): FixedPhrase => ({ kind: 'hold', text: texts[persona.audience] }));
  const all: readonly FixedPhrase[] = [{ kind: 'greeting', text: persona.greeting }, ...fixed, ...holds];
  return [...new Map(all.map((entry) => [entry.text, entry])).values()];
}

/** Which tool a caller's words ask for, by the words of the tools' names and descriptions. */
import type { MessagesRequest } from './request.ts';

type Tool = NonNullable<MessagesRequest['tools']>[number];

/** Words in tool names that say what is done but not with what, or are everywhere in this trade. */
const vagueWords = new Set(
  'case court find get list look lookup next report resource resource save search set show update call end transfer'.split(
    ' ',
  ),
);
/** Asks, as against tells. */
const asks =
  /\?|\b(what|when|where|which|who|how|find|need|want|tell me|look|check|show|get|give|is there|are there|do you have|can you|could you|please|save|note|report)\b/i;

/** Lower case, without a plural s; short words are noise. */
function stems(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  return words.map((word) => word.replace(/(?<=[a-z]{3})s$/, ''));
}

/** What the caller said, for text that the tool must be given. */
function inputFor(tool: Tool, words: string): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const name of tool.input_schema.required ?? []) {
    const schema = tool.input_schema.properties?.[name] as
      | { type?: string; enum?: readonly unknown[] }
      | undefined;
    if (schema?.enum)
      input[name] = schema.enum.find((value) => words.includes(String(value))) ?? schema.enum[0];
    else if (schema?.type === 'number' || schema?.type === 'integer')
      input[name] = Number(/\d+/.exec(words)?.[0] ?? 0);
    else if (schema?.type === 'boolean') input[name] = true;
    else input[name] = words;
  }
  return input;
}

/** @returns undefined when nothing is asked for, or nothing offered fits. */
export function findAskedTool(
  words: string,
  tools: readonly Tool[],
): { readonly name: string; readonly input: Record<string, unknown> } | undefined {
  if (!asks.test(words)) return undefined;
  const said = new Set(stems(words));
  const scored = tools.map((tool) => {
    const named = stems(tool.name.replaceAll(/[^a-zA-Z]+/g, ' ')).filter((stem) => !vagueWords.has(stem));
    const hits = named.filter((stem) => said.has(stem)).length;
    const described = stems(tool.description ?? '').filter(
      (stem) => stem.length > 4 && said.has(stem),
    ).length;
    return { tool, score: hits === 0 ? 0 : hits * 10 + described };
  });
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (a, b) => (b.score > (a?.score ?? 0) ? b : a),
    undefined,
  );
  return best && { name: best.tool.name, input: inputFor(best.tool, words) };
}

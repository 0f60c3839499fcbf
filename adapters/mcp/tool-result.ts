/** What a tool answered, as text for the model. Pure. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { ToolResult } from '#core/ports/tools.ts';

/** About 2,000 tokens: read by the model at every turn that follows, and far more than can be said on a phone. */
const resultCharsMax = 8_000;
const cutNote = '\n[The rest was cut.]';

const contentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string().optional() }),
  z.object({ type: z.literal('audio'), mimeType: z.string().optional() }),
  z.object({ type: z.literal('resource_link'), uri: z.string(), name: z.string().optional() }),
  z.object({
    type: z.literal('resource'),
    resource: z.object({ uri: z.string().optional(), text: z.string().optional() }),
  }),
]);
type Content = z.infer<typeof contentSchema>;

/** Tolerant: what is in `content` is looked at piece by piece, so that a new kind of piece loses only itself. */
export const callResultSchema = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.record(z.string(), z.json()).optional(),
  isError: z.boolean().optional(),
});
export type CallResult = z.infer<typeof callResultSchema>;

function textOf(content: Content): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'image':
    case 'audio':
      return `[${content.type}${content.mimeType ? `, ${content.mimeType}` : ''}: not shown]`;
    case 'resource_link':
      return `[link: ${content.name ?? content.uri} <${content.uri}>]`;
    case 'resource':
      return content.resource.text ?? `[resource ${content.resource.uri ?? ''}: not shown]`;
  }
}

function pieceText(piece: unknown): string {
  const parsed = contentSchema.safeParse(piece);
  return parsed.success ? textOf(parsed.data) : '[something that cannot be shown]';
}

function repeats(text: string, structured: object): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), structured);
  } catch {
    // Plain text is not JSON, so it repeats nothing.
    return false;
  }
}

function cut(text: string): string {
  if (text.length <= resultCharsMax) return text;
  return text.slice(0, resultCharsMax - cutNote.length) + cutNote;
}

/** Texts in order, then the structured content unless a text says the same, as servers are asked to repeat it. */
export function flattenResult(result: CallResult): string {
  const texts = result.content.map(pieceText);
  const structured = result.structuredContent;
  if (structured && !texts.some((text) => repeats(text, structured))) texts.push(JSON.stringify(structured));
  return cut(texts.filter((text) => text.trim() !== '').join('\n'));
}

/** A tool that failed says so in its result; its text is for the model, which can often do something about it. */
export function toolResult(result: CallResult): ToolResult {
  const content = flattenResult(result);
  if (!result.isError) return { status: 'ok', content };
  return { status: 'failed', code: 'tool-error', content: content || 'The tool failed and gave no reason.' };
}

/** Prompt caching as the API does it: by exact prefix up to a mark, with a minimum length and a lifetime. */
import { createHash } from 'node:crypto';
import { models } from './models.ts';
import { blocksOf, type MessagesRequest } from './request.ts';

const lifetimesMs = { '5m': 300_000, '1h': 3_600_000 } as const;
const entriesMax = 10_000;
const charsPerToken = 4;

export interface PromptUsage {
  readonly inputTokens: number;
  readonly write5mTokens: number;
  readonly write1hTokens: number;
  readonly readTokens: number;
}

export const tokensOf = (text: string): number => Math.ceil(text.length / charsPerToken);

interface Prefix {
  readonly hash: string;
  readonly tokens: number;
  readonly ttl: keyof typeof lifetimesMs | undefined;
}

/** The prompt in the order of the cache: tools, system, messages; a hash and a length after each block. */
function prefixesOf(request: MessagesRequest): readonly Prefix[] {
  const system =
    typeof request.system === 'string' ? [{ type: 'text', text: request.system }] : (request.system ?? []);
  const parts = [
    ...(request.tools ?? []),
    ...system,
    ...request.messages.flatMap((message) =>
      blocksOf(message).map((block) => ({ role: message.role, ...block })),
    ),
  ];
  const hash = createHash('sha256').update(request.model);
  let tokens = 0;
  return parts.map((part) => {
    const { cache_control: mark, ...content } = part as { cache_control?: { ttl?: '5m' | '1h' } };
    const text = JSON.stringify(content);
    hash.update(text);
    tokens += tokensOf(text);
    return { hash: hash.copy().digest('hex'), tokens, ttl: mark ? (mark.ttl ?? '5m') : undefined };
  });
}

export function createPromptCache(now: () => number = () => performance.now()) {
  const entries = new Map<string, { expiresAtMs: number; readonly ttl: keyof typeof lifetimesMs }>();
  return {
    /** @returns the usage, and a function that makes what was written readable: call it when the response begins. */
    use(request: MessagesRequest): { readonly usage: PromptUsage; readonly commit: () => void } {
      const prefixes = prefixesOf(request);
      const total = prefixes.at(-1)?.tokens ?? 0;
      const minimum = models[request.model]?.cacheTokensMin ?? 0;
      const marked = prefixes.filter(({ ttl, tokens }) => ttl !== undefined && tokens >= minimum);
      const hit = prefixes.findLast(({ hash, tokens }) => {
        const entry = entries.get(hash);
        const lastMark = marked.at(-1)?.tokens ?? 0;
        return entry !== undefined && entry.expiresAtMs > now() && tokens <= lastMark;
      });
      const readTokens = hit?.tokens ?? 0;
      const writes = { '5m': 0, '1h': 0 };
      let covered = readTokens;
      for (const { tokens, ttl } of marked) {
        if (tokens <= covered || ttl === undefined) continue;
        writes[ttl] += tokens - covered;
        covered = tokens;
      }
      const usage = {
        inputTokens: total - covered,
        write5mTokens: writes['5m'],
        write1hTokens: writes['1h'],
        readTokens,
      };
      const commit = () => {
        for (const { hash, ttl = '5m' } of [...marked, ...(hit ? [hit] : [])])
          entries.set(hash, { ttl, expiresAtMs: now() + lifetimesMs[ttl] });
        const [oldest] = entries.keys();
        if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
      };
      return { usage, commit };
    },
  };
}

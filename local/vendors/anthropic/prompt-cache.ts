/** Prompt caching as the API does it: exact prefixes, written where marks are, with a minimum length and a lifetime. */
import { createHash } from 'node:crypto';
import { factsOf } from './models.ts';
import { blocksOf, type CacheMark, type MessagesRequest, markOf } from './request.ts';
import { tokensOf } from './tokens.ts';

const lifetimesMs = { '5m': 300_000, '1h': 3_600_000 } as const;
type Ttl = keyof typeof lifetimesMs;
/** Prefixes remembered; the oldest are dropped first. */
const entriesMax = 10_000;
/** Blocks before a mark in which an older entry is looked for. */
const lookBackBlocks = 20;

export interface PromptUsage {
  readonly inputTokens: number;
  readonly write5mTokens: number;
  readonly write1hTokens: number;
  readonly readTokens: number;
}

interface Prefix {
  readonly hash: string;
  /** From the start of the prompt. */
  readonly tokens: number;
  readonly mark: CacheMark | undefined;
}

/** A mark for the whole request stands for one on its last block. */
function withAutomaticMark(parts: readonly object[], mark: CacheMark | null | undefined): readonly object[] {
  const last = parts.at(-1);
  if (!mark || !last || markOf(last)) return parts;
  return [...parts.slice(0, -1), { ...last, cache_control: mark }];
}

/** The prompt in the order of the cache (tools, system, messages), with a hash of all before and in each block. */
function prefixesOf(request: MessagesRequest): readonly Prefix[] {
  const { model, tools = [], system, messages, tool_choice, thinking, speed } = request;
  const systemBlocks = typeof system === 'string' ? [{ type: 'text', text: system }] : (system ?? []);
  const spoken = messages.flatMap((message) =>
    blocksOf(message).map((block) => ({ role: message.role, ...block })),
  );
  const parts = withAutomaticMark([...tools, ...systemBlocks, ...spoken], request.cache_control);

  const hash = createHash('sha256').update(model);
  let tokens = 0;
  return parts.map((part, i) => {
    // These settings are part of the prompt from there on: another one and what follows is another prefix.
    if (i === tools.length) hash.update(JSON.stringify({ speed }));
    if (i === tools.length + systemBlocks.length) hash.update(JSON.stringify({ tool_choice, thinking }));
    const text = JSON.stringify({ ...part, cache_control: undefined });
    hash.update(text);
    tokens += tokensOf(model, text);
    return { hash: hash.copy().digest('hex'), tokens, mark: markOf(part) };
  });
}

interface Entry {
  readonly ttl: Ttl;
  readonly expiresAtMs: number;
}

export interface PromptCache {
  /**
   * Looks and counts; nothing is written yet.
   * @returns `begin`: call it when the response begins, which makes what was written readable
   */
  use(request: MessagesRequest): { readonly usage: PromptUsage; readonly begin: () => void };
}

/** @param nowMs a clock that only goes forward */
export function createPromptCache(nowMs: () => number): PromptCache {
  const entries = new Map<string, Entry>();

  const find = (hash: string): Entry | undefined => {
    const entry = entries.get(hash);
    return entry && entry.expiresAtMs > nowMs() ? entry : undefined;
  };
  const keep = (hash: string, ttl: Ttl) => {
    entries.delete(hash);
    entries.set(hash, { ttl, expiresAtMs: nowMs() + lifetimesMs[ttl] });
    const oldest = entries.keys().next().value;
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
  };

  /** The longest prefix that ends at a mark, or a little before one, and was written. */
  const findHit = (prefixes: readonly Prefix[], minimum: number): Prefix | undefined => {
    for (let mark = prefixes.length - 1; mark >= 0; mark -= 1) {
      if (!prefixes[mark]?.mark) continue;
      for (let at = mark; at >= Math.max(0, mark - lookBackBlocks); at -= 1) {
        const prefix = prefixes[at] as Prefix;
        if (prefix.tokens >= minimum && find(prefix.hash)) return prefix;
      }
    }
    return undefined;
  };

  return {
    use(request) {
      const prefixes = prefixesOf(request);
      const minimum = factsOf(request.model)?.cacheTokensMin ?? 0;
      const hit = findHit(prefixes, minimum);
      const readTokens = hit?.tokens ?? 0;
      const writes = { '5m': 0, '1h': 0 };
      const written: { readonly hash: string; readonly ttl: Ttl }[] = [];
      let covered = readTokens;
      for (const { hash, tokens, mark } of prefixes) {
        if (!mark || tokens < minimum || tokens <= covered) continue;
        const ttl = mark.ttl ?? '5m';
        writes[ttl] += tokens - covered;
        covered = tokens;
        written.push({ hash, ttl });
      }
      return {
        usage: {
          inputTokens: (prefixes.at(-1)?.tokens ?? 0) - covered,
          write5mTokens: writes['5m'],
          write1hTokens: writes['1h'],
          readTokens,
        },
        begin() {
          // A read renews what it read, for as long as it was written for, and every shorter entry on the way.
          for (const { hash, tokens } of prefixes) {
            const entry = tokens <= readTokens ? find(hash) : undefined;
            if (entry) keep(hash, entry.ttl);
          }
          for (const { hash, ttl } of written) keep(hash, ttl);
        },
      };
    },
  };
}

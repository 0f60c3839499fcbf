import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';

export function createInMemoryOneTimeTokens(): OneTimeTokens {
  const used = new Set<string>();
  return {
    async redeem(nonce) {
      if (used.has(nonce)) return false;
      used.add(nonce);
      return true;
    },
  };
}

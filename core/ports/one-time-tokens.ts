/** Remembers what was used once, across all processes. */
export interface OneTimeTokens {
  /** @returns true the first time a nonce is redeemed, false ever after. Throws `ProviderError` when the memory is away. */
  redeem(nonce: string, expiresAt: Date): Promise<boolean>;
}

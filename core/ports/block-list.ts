/** Callers who are not answered. Throws `ProviderError` when the list is away. */
export interface BlockList {
  isBlocked(callerHash: string): Promise<boolean>;
}

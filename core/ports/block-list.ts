/** Callers who are not answered. Throws `ProviderError` when the list is away. */
export interface BlockList {
  isBlocked(callerHash: string): Promise<boolean>;
}

export interface Block {
  readonly callerHash: string;
  readonly numberMasked: string;
  /** Why, in an operator's words. */
  readonly reason: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Until lifted when absent. */
  readonly until?: Date;
}

/** The operator's side of it. */
export interface BlockListAdmin {
  block(block: Block): Promise<void>;
  /** @returns false when there was no such block. */
  unblock(callerHash: string): Promise<boolean>;
  /** Blocks in force, newest first. */
  blocks(): Promise<readonly Block[]>;
}

/** An answer that is given again to the same request. */
export interface StoredAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

export type Begun =
  /** Nobody has asked this before. `ref` names the work, also for attempts to come. */
  | { readonly is: 'first'; readonly ref: string; readonly owner: string }
  /** An earlier attempt ended without knowing what it did: look before doing it again. */
  | { readonly is: 'again'; readonly ref: string; readonly owner: string; readonly since: Date }
  | { readonly is: 'running' }
  | { readonly is: 'other-request' }
  | { readonly is: 'done'; readonly answer: StoredAnswer };

/** Requests by their idempotency key, for 24 hours. Methods throw `ProviderError` when the memory is away. */
export interface Idempotency {
  /** @param fingerprint the same for the same request. */
  begin(id: string, fingerprint: string): Promise<Begun>;
  complete(id: string, owner: string, answer: StoredAnswer): Promise<void>;
  /** `nothing-done`: the next one is the first again. `unclear`: the next one must look first. */
  release(id: string, owner: string, how: 'nothing-done' | 'unclear'): Promise<void>;
}

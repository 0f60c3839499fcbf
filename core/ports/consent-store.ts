import type { Consent } from '../consent/consent.ts';

/** Consents, kept for good. Methods throw `ProviderError`. */
export interface ConsentStore {
  add(consent: Consent): Promise<void>;
  /** Of one number, oldest first. */
  of(phoneHash: string): Promise<readonly Consent[]>;
  /** Every consent, in no order. */
  all(): AsyncIterable<Consent>;
}

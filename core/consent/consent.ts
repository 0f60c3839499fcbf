/** Proof that somebody agreed to get text messages: what they saw, when, and from where. */
import * as z from 'zod';

export const consentSchema = z.object({
  consentId: z.string(),
  /** Keyed hash of the number, and what may be shown of it: the number itself is not kept. */
  phoneHash: z.string(),
  phoneMasked: z.string(),
  /** ISO 8601. */
  at: z.string(),
  disclosureVersion: z.string(),
  /** Word for word what stood beside the box. */
  disclosureText: z.string(),
  /** Keyed hash of the address it came from. */
  ipHash: z.string(),
  userAgent: z.string(),
});
export type Consent = z.infer<typeof consentSchema>;

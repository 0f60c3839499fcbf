/** What the world's numbering plans say of a number. Source: Google's libphonenumber metadata. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { NumberFacts } from '#core/outbound/destination.ts';

/** Calls to these cost more than calls to their country do. */
const premiumTypes: readonly string[] = ['PREMIUM_RATE', 'SHARED_COST'];

/** @param number E.164. */
export function numberFacts(number: string): NumberFacts {
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed?.isValid()) return { isValid: false, country: undefined, isPremium: false };
  return {
    isValid: true,
    country: parsed.country,
    isPremium: premiumTypes.includes(parsed.getType() ?? ''),
  };
}

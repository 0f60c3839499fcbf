/** May this number be called? Pure: what the numbering plan says of it comes from outside. */

/** What a numbering plan knows of a number. */
export interface NumberFacts {
  readonly isValid: boolean;
  /** ISO 3166-1 alpha-2; in the North American plan told by the area code. */
  readonly country: string | undefined;
  /** 900 numbers and their like: the called side earns by the call. */
  readonly isPremium: boolean;
}

/** ISO country codes, or `*` for all. */
export type AllowedCountries = readonly string[];

export type DestinationVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly why: 'not-valid' | 'own-number' | 'premium' | 'country' | 'blocked';
    };

export interface Destination {
  readonly number: string;
  readonly facts: NumberFacts;
  readonly allowedCountries: AllowedCountries;
  readonly ownNumbers: readonly string[];
  readonly isBlocked: boolean;
}

export function judgeDestination(destination: Destination): DestinationVerdict {
  const { number, facts, allowedCountries, ownNumbers, isBlocked } = destination;
  const refuse = (why: Exclude<DestinationVerdict, { allowed: true }>['why']) =>
    ({ allowed: false, why }) as const;
  if (!facts.isValid) return refuse('not-valid');
  // Two of our own assistants would talk with each other until the budget is gone.
  if (ownNumbers.includes(number)) return refuse('own-number');
  if (facts.isPremium) return refuse('premium');
  const isCountryAllowed =
    allowedCountries.includes('*') ||
    (facts.country !== undefined && allowedCountries.includes(facts.country));
  if (!isCountryAllowed) return refuse('country');
  return isBlocked ? refuse('blocked') : { allowed: true };
}

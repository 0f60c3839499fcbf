/** How often one API key may ask, by what it asks for: the functions count by it, the document tells it. */
import { rateRules } from '../rate-limits/rules.ts';
import type { RateRule } from '../rate-limits/sliding-window.ts';
import type { Scope } from './routes.ts';

export const keyRules: Readonly<Record<Scope, RateRule>> = {
  'calls:write': rateRules.outboundPerKey,
  'records:read': rateRules.recordsPerKey,
  'records:delete': rateRules.recordsPerKey,
  'costs:read': rateRules.costsPerKey,
};

/** Questions to vendors, one after the other: none of them is needed for the next. */
import { isProviderError } from '#core/errors.ts';
import { reportProvider } from '../failures.ts';
import type { Services } from '../services.ts';

/**
 * One vendor that is away must not hide the others.
 * @returns the answer, or why there is none.
 */
export async function askVendor<T>(
  { telemetry }: Pick<Services, 'telemetry'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | string> {
  try {
    return await work(new AbortController().signal);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    reportProvider(telemetry, error);
    return `The vendor could not be asked: ${error.failure}.`;
  }
}

/** The record of a call through the public API, as any client would ask for it. */
import type * as z from 'zod';
import { recordAnswerSchema } from '#core/http/records.ts';

export type CallRecordAnswer = z.infer<typeof recordAnswerSchema>;

const pollMs = 100;
const patienceMs = 10_000;

/** Waits until the call's costs are there. @returns undefined when there is no record in time. */
export async function fetchRecord(
  target: { readonly httpUrl: string; readonly apiKey: string },
  callSid: string,
): Promise<CallRecordAnswer | undefined> {
  const deadline = performance.now() + patienceMs;
  let found: CallRecordAnswer | undefined;
  do {
    const response = await fetch(`${target.httpUrl}/records/${callSid}?include=transcript,turns`, {
      headers: { authorization: `Bearer ${target.apiKey}` },
    });
    if (response.ok) found = recordAnswerSchema.parse(await response.json());
    if (found?.costSummary) return found;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  } while (performance.now() < deadline);
  return found;
}

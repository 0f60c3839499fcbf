/** What the center has kept of a call: its record through the API, as any client would ask, and its cost line. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { type RecordAnswer, recordAnswerSchema } from '#core/http/records.ts';
import type { CallTarget } from './call-target.ts';

const pollMs = 100;
/** A call is summed up right after its end; a process that died leaves that to the next one. */
const patienceMs = 10_000;
const requestTimeoutMs = 5_000;

/** Waits until the call's costs are there. @returns undefined when there is no record in time. */
export async function fetchRecord(
  { httpUrl, apiKey }: Pick<CallTarget, 'httpUrl' | 'apiKey'>,
  callSid: string,
): Promise<RecordAnswer | undefined> {
  const deadlineMs = performance.now() + patienceMs;
  let found: RecordAnswer | undefined;
  while (performance.now() < deadlineMs) {
    found = (await askForRecord(`${httpUrl}/records/${callSid}?include=transcript,turns`, apiKey)) ?? found;
    if (found?.costSummary) return found;
    await delay(pollMs);
  }
  return found;
}

async function askForRecord(url: string, apiKey: string): Promise<RecordAnswer | undefined> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const body: unknown = await response.json();
    return response.ok ? recordAnswerSchema.safeParse(body).data : undefined;
  } catch {
    return undefined;
  }
}

const costLineSchema = z.looseObject({ msg: z.literal('cost.call.summary'), callSid: z.string() });

/** Log lines are written in batches, a moment after they were made. */
const logPatienceMs = 2_000;

/** @returns every `cost.call.summary` of the call as it stands in the log; there should be one. */
export async function findCostLines(
  logFile: string | undefined,
  callSid: string,
): Promise<readonly string[]> {
  if (logFile === undefined) return [];
  const deadlineMs = performance.now() + logPatienceMs;
  for (;;) {
    const text = await readFile(logFile, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line.includes(callSid) && isCostLine(line));
    if (lines.length > 0 || performance.now() > deadlineMs) return lines;
    await delay(pollMs);
  }
}

function isCostLine(line: string): boolean {
  try {
    return costLineSchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

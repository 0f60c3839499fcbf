/** The functions on the embedded database, with a key, and with budgets and limits that nothing here uses up. */
import { callSidSchema } from '#core/ids.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment } from '#tests/lambdas/functions.ts';

export const apiKey = 'bench-key';

export const benchWire = (databaseUrl: string) =>
  createWire(
    async () => ({
      ...environment,
      STAGE: 'local',
      LOG_LEVEL: 'error',
      AWS_ENDPOINT_URL_DYNAMODB: databaseUrl,
      OUTBOUND_API_KEY: apiKey,
      CALLS_PER_MINUTE_MAX: '100000',
      // The same ones as a stage in production has.
      BUDGETS: JSON.stringify({ callUsd: 2, stage: { dayUsd: 1_000_000, monthUsd: 1_000_000 } }),
    }),
    // Nothing is read again while it is measured.
    { freshMs: Number.MAX_SAFE_INTEGER, nowMs: () => performance.now() },
  );
export type BenchWire = ReturnType<typeof benchWire>;

const sidDigits = 32;
export const sidOf = (n: number) => callSidSchema.parse(`CA${n.toString(16).padStart(sidDigits, '0')}`);

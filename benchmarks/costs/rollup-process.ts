/** One rollup of one day in a process of its own, as the function runs it: its time, its memory, its units. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { monthOf } from '#core/costs/days.ts';
import { platform } from '#core/costs/totals.ts';
import { rollUpDays } from '#lambdas/costs/roll-up.ts';
import { functionSpec } from '#lib/api/function-table.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';
import { openTables } from './large-stage.ts';

const runSchema = z.object({
  secs: z.number(),
  /** The most that the process held at any time, MiB. */
  peakMb: z.number(),
  readUnits: z.number(),
  writeUnits: z.number(),
  /** The totals of the day and of its month, to be compared. */
  whole: z.unknown(),
});
export type RollupRun = z.infer<typeof runSchema>;

/** Node's heap in a function of this size: the rest is the process around it. */
const heapPart = 0.75;

export async function runRollup(databaseUrl: string, day: string): Promise<RollupRun> {
  const heapMb = Math.floor(functionSpec('roll-up-costs').memoryMiB * heapPart);
  const args = [`--max-old-space-size=${heapMb}`, import.meta.filename, databaseUrl, day];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`The rollup ended with ${code}.`);
  return runSchema.parse(JSON.parse(output));
}

/** What DynamoDB would bill, counted from what every answer says. */
function countUnits(documents: Documents) {
  const units = { read: 0, write: 0 };
  documents.client.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity: told } = result.output as { ConsumedCapacity?: unknown };
      const sum = [told].flat().reduce((total: number, one) => {
        const { CapacityUnits: more } = (one ?? {}) as { CapacityUnits?: number };
        return total + (more ?? 0);
      }, 0);
      units[/Query|Get/.test(context.commandName ?? '') ? 'read' : 'write'] += sum;
      return result;
    },
    { step: 'initialize' },
  );
  return units;
}

const kibPerMib = 1024;

if (import.meta.main) {
  const [databaseUrl = '', day = ''] = process.argv.slice(2);
  const { documents, store, costs } = openTables(databaseUrl);
  const units = countUnits(documents);
  const clock = createVirtualClock(new Date(Date.parse(day) + 30 * 3_600_000));
  const startedMs = performance.now();
  await rollUpDays([day], { clock, costs, store, telemetry: createRecordingTelemetry() });
  const run: RollupRun = {
    secs: (performance.now() - startedMs) / 1000,
    peakMb: Math.round(process.resourceUsage().maxRSS / kibPerMib),
    readUnits: units.read,
    writeUnits: units.write,
    whole: [...(await costs.totals([day, monthOf(day)], platform))].sort(),
  };
  documents.destroy();
  process.stdout.write(JSON.stringify(run));
}

/** The rollup in a process of its own, so that it can be killed. Says `write` before every batch that it writes. */
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { rollUpDays } from '#lambdas/costs/roll-up.ts';
import { tableNames } from './embedded-database.ts';
import { createRecordingTelemetry } from './scripted-ports.ts';
import { createVirtualClock } from './virtual-clock.ts';

const [endpoint = '', now = '', ...days] = process.argv.slice(2);
const documents = createDynamoDocuments({ region: 'us-east-1', endpoint });
documents.client.middlewareStack.add(
  (next, context) => (args) => {
    if (context.commandName === 'BatchWriteItemCommand') process.stdout.write('write\n');
    return next(args);
  },
  { step: 'initialize' },
);
const clock = createVirtualClock(new Date(now));
const table = { documents, now: () => clock.now() };
await rollUpDays(days, {
  clock,
  store: createDynamoCallStore({ ...table, table: tableNames.calls, cursorSecret: '' }),
  costs: createDynamoCostStore({ ...table, table: tableNames.costs, callsTable: tableNames.calls }),
  telemetry: createRecordingTelemetry(),
});
documents.destroy();

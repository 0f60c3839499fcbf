import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoRateLimiter } from '#adapters/dynamodb/rate-limiter.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { describeRateLimiterContract, type RateLimiterSubject } from './rate-limiter-contract.ts';

async function inProcess(): Promise<RateLimiterSubject> {
  let now = new Date(0);
  const local = createLocalLimiter(() => now.getTime());
  const limiter = { take: async (...asked: Parameters<typeof local.take>) => local.take(...asked) };
  return {
    here: limiter,
    elsewhere: limiter,
    setNow: (at) => {
      now = at;
    },
    close: async () => undefined,
  };
}

async function onDynamo(): Promise<RateLimiterSubject> {
  const database = await startTestDatabase();
  let now = new Date(0);
  const clients = [1, 2].map(() =>
    createDynamoDocuments({
      region: 'us-east-1',
      endpoint: database.url,
      requestTimeoutMs: 30_000,
      connectionTimeoutMs: 30_000,
    }),
  );
  const [here, elsewhere] = clients.map((client) =>
    createDynamoRateLimiter(client, tableNames.limits, () => now),
  );
  if (!here || !elsewhere) throw new Error('Two clients were made');
  return {
    here,
    elsewhere,
    setNow: (at) => {
      now = at;
    },
    close: () => {
      for (const client of clients) client.destroy();
      return database.close();
    },
  };
}

describeRateLimiterContract('The limiter of a process', inProcess);
describeRateLimiterContract('The limiter on DynamoDB', onDynamo);

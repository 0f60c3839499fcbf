/** `GET /records` over many records: the first page, a deep one, and narrowed ones. */
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { roles } from '#core/personas/role.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import { gatewayEvent, invoke } from '#tests/lambdas/functions.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { time } from '../support/timing.ts';
import { apiKey, type BenchWire, sidOf } from './wire.ts';

const writers = 16;
const minuteMs = 60_000;
const pages = 100;
const deepPage = 50;
/** One call in so many is outbound: the rare value of a filter without an index. */
const outboundEvery = 100;
const firstSid = 1_000_000;
const patientMs = 60_000;

const unlimitedDecision = {
  allowed: true,
  limit: 1,
  windowSeconds: 1,
  remaining: 1,
  resetSeconds: 1,
  retryAtMs: 0,
};

async function writeRecords(databaseUrl: string, count: number, startMs: number): Promise<void> {
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: databaseUrl,
    requestTimeoutMs: patientMs,
    connectionTimeoutMs: patientMs,
  });
  const store = createDynamoCallStore({
    documents,
    table: tableNames.calls,
    cursorSecret: 'bench',
    now: () => new Date(),
  });
  const expiresAt = Math.ceil(Date.now() / 1000) + 86_400;
  const writeFrom = async (first: number) => {
    for (let i = first; i < count; i += writers) {
      const startedAt = new Date(startMs + i * minuteMs).toISOString();
      await store.create({
        callSid: sidOf(firstSid + i),
        status: 'completed',
        role: roles[i % roles.length] ?? 'parent',
        direction: i % outboundEvery === 0 ? 'outbound' : 'inbound',
        numberMasked: '+1******0100',
        callerHash: 'bench',
        startedAt,
        aliveAt: startedAt,
        turnCount: 0,
        expiresAt,
      });
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, i) => writeFrom(i)));
  documents.destroy();
}

export interface ListTime {
  readonly query: string;
  readonly times: readonly number[];
}

export async function measureLists(
  wire: BenchWire,
  databaseUrl: string,
  records: number,
): Promise<readonly ListTime[]> {
  const startMs = Date.now() - records * minuteMs;
  await writeRecords(databaseUrl, records, startMs);
  const services = await wire();
  // The limit of a key is not what is measured.
  const list = createRecordsList(async () => ({
    ...services,
    limiter: { take: async () => unlimitedDecision },
  }));
  const ask = async (query: string) => {
    const event = gatewayEvent({ path: '/records', query, headers: { authorization: `Bearer ${apiKey}` } });
    const answer = await invoke(list, event);
    if (answer.status !== 200) throw new Error(`GET /records?${query} answered ${answer.status}`);
    return answer.json as { readonly cursor?: string };
  };
  let { cursor } = await ask('limit=100');
  for (let page = 1; page < deepPage && cursor !== undefined; page += 1)
    ({ cursor } = await ask(`limit=100&cursor=${cursor}`));
  const middle = new Date(startMs + (records / 2) * minuteMs).toISOString();
  const queries: readonly (readonly [name: string, query: string])[] = [
    ['limit=25', 'limit=25'],
    [`limit=100, page ${deepPage + 1}`, cursor === undefined ? 'limit=100' : `limit=100&cursor=${cursor}`],
    ['role=judge', 'role=judge'],
    ['direction=outbound', 'direction=outbound'],
    ['from the middle on', `from=${middle}`],
    ['up to the middle', `to=${middle}`],
  ];
  const measured: ListTime[] = [];
  for (const [query, text] of queries) measured.push({ query, times: await time(() => ask(text), pages) });
  return measured;
}

/**
 * `npm run bench:api`: what a request costs us.
 *
 *   warm handler   `POST /call/incoming` in-process on the embedded database: p50, p99 (aim: p99 at most 10 ms)
 *   import         loading one function in a fresh process (aim: at most 150 ms)
 *   lists          `GET /records`, first page and a deep page, plain and narrowed, over many records
 *
 *   npm run bench:api -- --records 100000
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { callSidSchema } from '#core/ids.ts';
import { roles } from '#core/personas/role.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment, gatewayEvent, invoke, webhookEvent } from '#tests/lambdas/functions.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    requests: { type: 'string', default: '2000' },
  },
});
const recordCount = Number(values.records);
const requestCount = Number(values.requests);
const warmUps = 200;
const key = 'bench-key';

const at = (sorted: readonly number[], share: number) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);

function report(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  console.log(`${name.padEnd(46)} p50 ${at(sorted, 0.5)} ms  p99 ${at(sorted, 0.99)} ms  n ${times.length}`);
}

async function time(work: () => Promise<unknown>, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times;
}

const sidOf = (n: number) => callSidSchema.parse(`CA${n.toString(16).padStart(32, '0')}`);

/** Lines of the functions would bury the figures. */
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((text: string | Uint8Array) =>
  String(text).startsWith('{') ? true : write(text)) as typeof process.stdout.write;

const database = await startTestDatabase();
const wire = createWire(async () => ({
  ...environment,
  STAGE: 'local',
  LOG_LEVEL: 'error',
  AWS_ENDPOINT_URL_DYNAMODB: database.url,
  OUTBOUND_API_KEY: key,
  CALLS_PER_MINUTE_MAX: '100000',
}));

const inbound = createInboundCall(wire);
let calls = 0;
const ring = () => {
  calls += 1;
  const From = `+1415${String(5_550_000 + calls).padStart(7, '0')}`;
  const params = { CallSid: sidOf(calls), From, To: '+18005550199', CallStatus: 'ringing' };
  return invoke(inbound, webhookEvent({ path: '/call/incoming', params }));
};
await time(ring, warmUps);
report('POST /call/incoming, warm, embedded database', await time(ring, requestCount));

/** As a stage gets it: one minified file. */
const bundles = mkdtempSync(path.join(tmpdir(), 'bench-api-'));
for (const name of ['inbound-call', 'outbound-call', 'records-list']) {
  const outfile = path.join(bundles, `${name}.mjs`);
  await build({
    entryPoints: [`lambdas/http/${name}.ts`],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  const script = `const at = performance.now(); await import('${outfile}'); process.stdout.write(String(performance.now() - at))`;
  const run = () => Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
  const times = Array.from({ length: 9 }, run).toSorted((a, b) => a - b);
  const kilobytes = Math.round(statSync(outfile).size / 1024);
  console.log(
    `${`import of ${name}, ${kilobytes} KB`.padEnd(46)} p50 ${at(times, 0.5)} ms  best ${at(times, 0)} ms`,
  );
}
rmSync(bundles, { recursive: true });

const documents = createDynamoDocuments({
  region: 'us-east-1',
  endpoint: database.url,
  requestTimeoutMs: 60_000,
  connectionTimeoutMs: 60_000,
});
const store = createDynamoCallStore({
  documents,
  table: tableNames.calls,
  cursorSecret: 'bench',
  now: () => new Date(),
});
const minuteMs = 60_000;
const startMs = Date.now() - recordCount * minuteMs;
const writers = 16;
const seedFrom = async (first: number) => {
  for (let i = first; i < recordCount; i += writers) {
    const startedAt = new Date(startMs + i * minuteMs).toISOString();
    await store.create({
      callSid: sidOf(1_000_000 + i),
      status: 'completed',
      role: roles[i % roles.length] ?? 'parent',
      direction: i % 100 === 0 ? 'outbound' : 'inbound',
      numberMasked: '+1******0100',
      callerHash: 'bench',
      startedAt,
      aliveAt: startedAt,
      turnCount: 0,
      expiresAt: Math.ceil(Date.now() / 1000) + 86_400,
    });
  }
};
const seededAt = performance.now();
await Promise.all(Array.from({ length: writers }, (_, i) => seedFrom(i)));
console.log(`${recordCount} records written in ${((performance.now() - seededAt) / 1000).toFixed(1)} s`);

const list = createRecordsList(wire);
const ask = async (query: string) => {
  const services = await wire();
  // The limit of a key is not what is measured.
  const unlimited = { ...services, limiter: { take: async () => unlimitedDecision } };
  const answer = await invoke(
    query === '' ? list : createRecordsList(async () => unlimited),
    gatewayEvent({ path: '/records', query, headers: { authorization: `Bearer ${key}` } }),
  );
  if (answer.status !== 200) throw new Error(`GET /records?${query} answered ${answer.status}`);
  return answer.json as { items: unknown[]; cursor?: string };
};
const unlimitedDecision = {
  allowed: true,
  limit: 1,
  windowSeconds: 1,
  remaining: 1,
  resetSeconds: 1,
  retryAtMs: 0,
};
let { cursor } = await ask('limit=100');
for (let page = 0; page < 50 && cursor !== undefined; page += 1)
  ({ cursor } = await ask(`limit=100&cursor=${cursor}`));
const pages = 100;
const middle = new Date(startMs + (recordCount / 2) * minuteMs).toISOString();
report('GET /records?limit=25', await time(() => ask('limit=25'), pages));
report(
  'GET /records?limit=100, page 51',
  await time(() => ask(cursor === undefined ? `limit=100` : `limit=100&cursor=${cursor}`), pages),
);
report('GET /records?role=judge', await time(() => ask('role=judge'), pages));
report('GET /records?direction=outbound', await time(() => ask('direction=outbound'), pages));
report('GET /records?from=<middle>&to=<now>', await time(() => ask(`from=${middle}`), pages));
report('GET /records?to=<middle>', await time(() => ask(`to=${middle}`), pages));
documents.destroy();
(await wire()).telemetry.flush();
await database.close();
process.exit(0);

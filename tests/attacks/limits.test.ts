/** A key that asks too often: over sockets, through the gateway, with the real database, on a clock of the test's. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoRateLimiter } from '#adapters/dynamodb/rate-limiter.ts';
import { createGuardedLimiter } from '#core/rate-limits/guarded-limiter.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import { createLimitsCircuit } from '#lambdas/rate-limits.ts';
import { type Handler, type HttpApi, startHttpApi } from '#local/http/http-api.ts';
import { keys, testFunctions } from '#tests/lambdas/functions.ts';
import {
  type BreakableDatabase,
  type Breakage,
  startBreakableDatabase,
} from '#tests/support/breakable-database.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';

let database: TestDatabase;
let way: BreakableDatabase;
let clean: (() => Promise<unknown>)[] = [];
before(async () => {
  database = await startTestDatabase();
  way = await startBreakableDatabase(database.url);
});
afterEach(async () => {
  way.break('none');
  await Promise.all(clean.map((one) => one()));
  clean = [];
});
after(() => Promise.all([way?.close(), database?.close()]));

/** Of the database: short where it is to be waited for in vain. */
const patientMs = 30_000;
const impatientMs = 60;

/** One process behind a gateway. Every test has a key of its own in the counters, for they live on. */
async function startApi(keyId: string, requestTimeoutMs = patientMs) {
  const functions = testFunctions({ variables: { CALLS_PER_MINUTE_MAX: '100000' } });
  const { clock } = functions;
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: way.url,
    requestTimeoutMs,
    connectionTimeoutMs: patientMs,
  });
  const services = {
    ...functions.services,
    findKey: (token: string) =>
      token === keys.everything ? { id: keyId, scopes: ['calls:write', 'records:read'] } : undefined,
    limiter: createGuardedLimiter({
      shared: createDynamoRateLimiter(documents, tableNames.limits, () => clock.now()),
      local: createLocalLimiter(() => clock.now().getTime()),
      circuit: createLimitsCircuit({ clock, telemetry: functions.services.telemetry }),
    }),
  };
  const load = async () => services;
  const api: HttpApi = await startHttpApi({
    routes: [
      { method: 'POST', path: '/call/outbound', name: 'outbound-call' },
      { method: 'GET', path: '/records', name: 'records-list' },
    ],
    handlers: new Map([
      ['outbound-call', createOutboundCall(load) as unknown as Handler],
      ['records-list', createRecordsList(load) as unknown as Handler],
    ]),
    port: 0,
    onFunctionError: (_, error) => assert.fail(String(error)),
  });
  clean.push(async () => {
    await api.close();
    documents.destroy();
  });
  return { functions, clock, url: `http://127.0.0.1:${api.port}` };
}
type Api = Awaited<ReturnType<typeof startApi>>;

const authorization = `Bearer ${keys.everything}`;
const number = '+14155550100';

interface Operation {
  readonly name: string;
  readonly rule: string;
  readonly max: number;
  readonly good: number;
  /** Requests around the edge of a minute and after it. */
  readonly count: number;
  readonly ask: (api: Api) => Promise<Response>;
  /** What becomes of the table, burst by burst. */
  readonly outages: Readonly<Record<string, readonly Breakage[]>>;
  readonly brokenBy: readonly Breakage[];
}

const comesAndGoes: readonly Breakage[] = ['cuts', 'none', 'none', 'cuts', 'none', 'cuts'];

const operations: readonly Operation[] = [
  {
    name: 'POST /call/outbound',
    rule: 'outbound-per-key',
    max: 30,
    good: 201,
    count: 1_000,
    outages: { 'is away': ['cuts'], 'comes and goes': comesAndGoes },
    brokenBy: ['stalls', 'refuses'],
    ask: ({ url }) =>
      fetch(`${url}/call/outbound`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ to: number, role: 'parent' }),
      }),
  },
  {
    name: 'GET /records',
    rule: 'records-per-key',
    max: 120,
    good: 200,
    count: 600,
    // The limiter is the same for both.
    outages: {},
    brokenBy: [],
    ask: ({ url }) => fetch(`${url}/records?limit=1`, { headers: { authorization } }),
  },
];

async function status(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}

/** So many at once, and again until all have been asked. @returns the statuses. */
async function ask({ ask: once }: Operation, api: Api, count: number, atOnce = 50): Promise<number[]> {
  const statuses: number[] = [];
  while (statuses.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - statuses.length) }, () => status(once(api)));
    statuses.push(...(await Promise.all(some)));
  }
  return statuses;
}

/** The most that any stretch of a minute holds. */
const mostInAMinute = (times: readonly number[]) =>
  Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + 60_000).length));

interface Asked {
  /** When which were let through. */
  readonly admitted: readonly number[];
  readonly asked: number;
}

/** Half of the requests around the edge of a minute, half in bursts over the minutes that follow. */
async function askForMinutes(
  operation: Operation,
  api: Api,
  { count, beforeBurst = () => undefined }: { count: number; beforeBurst?: (burst: number) => void },
): Promise<Asked> {
  const admitted: number[] = [];
  let asked = 0;
  const burst = async (size: number) => {
    const nowMs = api.clock.now().getTime();
    for (const one of await ask(operation, api, size)) {
      asked += 1;
      if (one === operation.good) admitted.push(nowMs);
      else assert.equal(one, 429);
    }
  };
  const intoTheMinute = api.clock.now().getTime() % 60_000;
  await api.clock.advance(60_000 - intoTheMinute - 100);
  beforeBurst(0);
  await burst(count / 4);
  await api.clock.advance(200);
  beforeBurst(1);
  await burst(count / 4);
  const steps = [59_700, 100, 100, 100, 1_900, 21_000, 9_000, 30_000, 1_000, 45_000];
  for (const [i, step] of steps.entries()) {
    await api.clock.advance(step);
    beforeBurst(i + 2);
    await burst(Math.ceil(count / 2 / steps.length));
  }
  return { admitted, asked };
}

let keyNumber = 0;
const newKeyId = () => {
  keyNumber += 1;
  return `key-${keyNumber}`;
};

for (const operation of operations) {
  const { name, rule, max, good, count, outages, brokenBy } = operation;

  /** Whoever counts, the client is told the same. */
  const tellsTheClient = async (api: Api) => {
    const first = await operation.ask(api);
    await first.arrayBuffer();
    await ask(operation, api, max - 1);
    const refused = await operation.ask(api);
    const body = (await refused.json()) as { error: { code: string; retryAfterSeconds: number } };
    const seconds = Number(refused.headers.get('retry-after'));
    const line = api.functions.lastLine('limit.hit');
    await api.clock.advance((seconds - 1) * 1_000);
    const early = await status(operation.ask(api));
    await api.clock.advance(1_000);
    const inTime = await status(operation.ask(api));

    const headersOf = ({ headers }: Response) =>
      ['limit', 'remaining', 'policy'].map((part) => headers.get(`ratelimit-${part}`));
    assert.deepEqual(headersOf(first), [`${max}`, `${max - 1}`, `${max};w=60`]);
    assert.deepEqual(headersOf(refused), [`${max}`, '0', `${max};w=60`]);
    assert.deepEqual([refused.status, body.error.code], [429, 'too_many_requests']);
    assert.equal(body.error.retryAfterSeconds, seconds);
    assert.ok(seconds >= 58 && seconds <= 62, String(seconds));
    assert.equal(refused.headers.get('ratelimit-reset'), String(seconds));
    assert.deepEqual([early, inTime], [429, good], 'the time that is told is the right one');
    assert.deepEqual(line, {
      level: 'warn',
      msg: 'limit.hit',
      limit: rule,
      keyId: `key-${keyNumber}`,
      retryAfterSeconds: seconds,
    });
    assert.doesNotMatch(JSON.stringify(api.functions.lines), /4155550100|key-for-everything/);
  };

  describe(`${name}, asked ${count} times`, { concurrency: false }, () => {
    test(`around the edge of a minute and after, answers at most ${max} in any minute`, async () => {
      const api = await startApi(newKeyId());
      const { admitted, asked } = await askForMinutes(operation, api, { count });

      assert.equal(asked, count);
      assert.equal(mostInAMinute(admitted), max);
      assert.ok(admitted.length > max, 'there is room again');
      if (good === 201) assert.equal(api.functions.carrier.placed.length, admitted.length);
      assert.equal(api.functions.lastLine('provider.failed'), undefined, 'the table counted');
    });
  });

  for (const [what, breakages] of Object.entries(outages))
    describe(`${name}, asked again and again while the table of limits`, () => {
      test(`${what}, answers at most ${max} in any minute`, async () => {
        const api = await startApi(newKeyId());
        const { admitted } = await askForMinutes(operation, api, {
          count: 4 * max,
          beforeBurst: (burst) => way.break(breakages[burst % breakages.length] ?? 'none', 'RATE#'),
        });

        assert.equal(mostInAMinute(admitted), max);
        assert.ok(admitted.length > max, 'there is room again');
        assert.ok(api.functions.lastLine('provider.failed'), 'the table did not count');
      });
    });

  describe(`${name} tells a client who asked too often when to come back, and the log which key`, {
    concurrency: false,
  }, () => {
    test('from the table', async () => {
      await tellsTheClient(await startApi(newKeyId()));
    });

    for (const how of brokenBy)
      test(`from the process, when the table ${how}`, async () => {
        const api = await startApi(newKeyId(), impatientMs);
        way.break(how, 'RATE#');
        await tellsTheClient(api);
      });
  });
}

describe('A table of limits that is away', { concurrency: false }, () => {
  test('is asked by three requests, and then by one in ten seconds; the limit holds, and the log tells once', async () => {
    const [operation] = operations;
    assert.ok(operation);
    const api = await startApi(newKeyId());
    const attemptsOfTheClient = 2;
    way.break('cuts', 'RATE#');

    const first = await ask(operation, api, 40, 1);
    const askedFirst = way.broken();
    await api.clock.advance(10_000);
    const second = await ask(operation, api, 10, 1);
    const askedSecond = way.broken() - askedFirst;
    way.break('none');
    await api.clock.advance(60_000);
    const third = await ask(operation, api, 40, 1);

    const good = (statuses: readonly number[]) => statuses.filter((one) => one === 201).length;
    assert.deepEqual([good(first), good(second), good(third)], [30, 0, 30]);
    assert.equal(askedFirst, 3 * attemptsOfTheClient);
    assert.equal(askedSecond, attemptsOfTheClient);
    const told = api.functions.lines.map(({ msg }) => msg);
    const count = (msg: string) => told.filter((one) => one === msg).length;
    assert.deepEqual(['provider.failed', 'limits.circuit-opened', 'limits.circuit-closed'].map(count), [
      3 + 1,
      1,
      1,
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordAnswerSchema, recordPageSchema } from '#core/http/records.ts';
import type { Role } from '#core/personas/role.ts';
import { createRecordDelete } from '#lambdas/http/record-delete.ts';
import { createRecordGet } from '#lambdas/http/record-get.ts';
import { createRecordsByRole } from '#lambdas/http/records-by-role.ts';
import { createRecordsByStatus } from '#lambdas/http/records-by-status.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import type { LoadServices } from '#lambdas/services.ts';
import {
  type Answer,
  gatewayEvent,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
} from '#tests/lambdas/functions.ts';
import { callEnding, callRecord, costEvent, newCallSid, turnRecord } from '#tests/support/calls.ts';
import { storeAway } from '#tests/support/store-away.ts';

type Create = (load: LoadServices) => unknown;

interface Ask {
  readonly key?: string | null;
  readonly query?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(create: Create, functions: TestFunctions, options: Ask = {}): Promise<Answer> {
  const { key = keys.everything, query = '', pathParameters, headers = {} } = options;
  const event = gatewayEvent({
    path: '/records',
    query,
    ...(pathParameters === undefined ? {} : { pathParameters }),
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
  });
  return invoke(create(functions.load), event);
}

interface Page {
  readonly items: readonly { readonly callSid: string }[];
  readonly cursor?: string;
}
interface Problem {
  readonly error: { readonly code: string; readonly message: string; readonly fields?: readonly string[] };
  readonly requestId: string;
}
const problemOf = (answer: Answer): Problem => answer.json;
const pageOf = (answer: Answer): Page => answer.json;

/** Five calls, one an hour; the last one is the newest. */
async function withCalls(): Promise<TestFunctions & { readonly newestFirst: readonly string[] }> {
  const functions = testFunctions();
  const roles: readonly Role[] = ['parent', 'judge', 'parent', 'judge', 'parent'];
  const records = roles.map((role, i) =>
    callRecord({
      role,
      startedAt: `2026-11-21T0${i}:00:00.000Z`,
      status: i === 0 ? 'completed' : 'in-progress',
    }),
  );
  for (const record of records) await functions.services.store.create(record);
  return { ...functions, newestFirst: records.map(({ callSid }) => callSid).toReversed() };
}

/** A call with everything in it. */
async function withWholeCall() {
  const functions = testFunctions();
  const { store } = functions.services;
  const record = callRecord({ nextStep: 'transfer', transferTo: '+14155550111' });
  const { callSid } = record;
  await store.create(record);
  await store.putTurn(callSid, turnRecord(0, { text: 'I need help.' }));
  await store.putTurn(
    callSid,
    turnRecord(1, {
      text: 'Of course.',
      latencies: { ttftMs: 400 },
      tools: [{ name: 'lookup', status: 'ok', durationMs: 5 }],
    }),
  );
  await store.putCostEvents([costEvent(callSid, 0)]);
  await store.finish(callSid, callEnding());
  return { ...functions, record, callSid };
}

const routes: readonly (readonly [string, Create, Ask['pathParameters'], 'read' | 'delete'])[] = [
  ['GET /records', createRecordsList, undefined, 'read'],
  ['GET /records/{callSid}', createRecordGet, { callSid: newCallSid() }, 'read'],
  ['GET /records/by-role/{role}', createRecordsByRole, { role: 'judge' }, 'read'],
  ['GET /records/by-status/{status}', createRecordsByStatus, { status: 'busy' }, 'read'],
  ['DELETE /records/{callSid}', createRecordDelete, { callSid: newCallSid() }, 'delete'],
];

for (const [route, create, pathParameters, right] of routes)
  describe(route, () => {
    const refusals: readonly (readonly [string, Ask, number, string, string])[] = [
      ['without a key', { key: null }, 401, 'unauthorized', 'missing'],
      ['with a key that nobody knows', { key: 'unknown' }, 401, 'unauthorized', 'unknown-or-expired'],
      ['with a key that has expired', { key: keys.expired }, 401, 'unauthorized', 'unknown-or-expired'],
      [
        'with a name and a password',
        { key: null, headers: { authorization: 'Basic a2V5OmtleQ==' } },
        401,
        'unauthorized',
        'missing',
      ],
      [
        'with a key for other things',
        { key: right === 'read' ? keys.deleting : keys.reading },
        403,
        'forbidden',
        'missing-scope',
      ],
    ];
    for (const [what, options, status, code, reason] of refusals)
      test(`${what} is refused with ${status}, and the key stands in no line`, async () => {
        const functions = testFunctions();

        const answer = await ask(create, functions, { pathParameters: pathParameters ?? {}, ...options });

        assert.equal(answer.status, status);
        assert.equal(problemOf(answer).error.code, code);
        assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
        assert.deepEqual(functions.lines, [
          { level: 'warn', msg: 'access.refused', what: 'api-key', reason },
        ]);
      });

    test('takes a key of its own scope, however the scheme is written', async () => {
      const key = right === 'read' ? keys.reading : keys.deleting;

      const answer = await ask(create, testFunctions(), {
        pathParameters: pathParameters ?? {},
        key: null,
        headers: { authorization: `bearer ${key}` },
      });

      assert.equal([200, 404].includes(answer.status), true);
    });

    test('says that the service is away when the store is, and what exactly only in the line', async () => {
      const functions = testFunctions({ services: { store: storeAway } });

      const answer = await ask(create, functions, { pathParameters: pathParameters ?? {} });

      assert.equal(answer.status, 503);
      assert.equal(problemOf(answer).error.code, 'service_unavailable');
      assert.doesNotMatch(answer.body, /dynamo|database|ECONN/i);
      assert.equal(functions.lastLine('provider.failed')?.['code'], 'ECONNREFUSED');
    });

    test('says nothing about a mistake of ours but the id that leads to its line', async () => {
      const broken = async () => {
        throw new TypeError('secret detail');
      };
      const store = { ...storeAway, find: broken, list: broken, delete: broken };
      const functions = testFunctions({ services: { store } });

      const answer = await ask(create, functions, {
        pathParameters: pathParameters ?? {},
        headers: { 'x-request-id': 'find-me' },
      });

      assert.equal(answer.status, 500);
      assert.deepEqual(problemOf(answer), {
        error: {
          code: 'internal_error',
          message: 'Something went wrong on our side. The request id helps us to find it.',
        },
        requestId: 'find-me',
      });
      const line = functions.lastLine('function.unexpected-error');
      assert.deepEqual([line?.['requestId'], line?.['error']], ['find-me', 'TypeError']);
      assert.match(String(line?.['at']), /records\.test\.ts/);
      assert.doesNotMatch(JSON.stringify(functions.lines), /secret detail/);
    });

    test('carries an id on every answer: the client’s own when it is sane, else the gateway’s', async () => {
      for (const [given, expected] of [
        ['client-1._A', 'client-1._A'],
        ['', 'gateway-request-id'],
        ['two words', 'gateway-request-id'],
        ['line\nbreak', 'gateway-request-id'],
        ['x'.repeat(129), 'gateway-request-id'],
      ] as const) {
        const headers = { 'x-request-id': given };
        const good = await ask(create, testFunctions(), { pathParameters: pathParameters ?? {}, headers });
        const refused = await ask(create, testFunctions(), { key: null, headers });

        assert.equal(good.headers['x-request-id'], expected);
        assert.equal(refused.headers['x-request-id'], expected);
        assert.equal(problemOf(refused).requestId, expected);
      }
    });
  });

describe('A list of records', () => {
  test('has the newest first, 25 unless asked otherwise', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 26; i += 1)
      await functions.services.store.create(
        callRecord({ startedAt: `2026-11-20T00:00:${String(i).padStart(2, '0')}.000Z` }),
      );

    const page = pageOf(await ask(createRecordsList, functions));

    assert.equal(page.items.length, 25);
    assert.equal(typeof page.cursor, 'string');
  });

  test('goes on from page to page to its end', async () => {
    const functions = await withCalls();
    const seen: string[] = [];
    let query = 'limit=2';
    let pages = 0;
    for (;;) {
      const answer = await ask(createRecordsList, functions, { query });
      const page = pageOf(answer);
      recordPageSchema.parse(page);
      pages += 1;
      seen.push(...page.items.map(({ callSid }) => callSid));
      if (page.cursor === undefined) break;
      query = `limit=2&cursor=${encodeURIComponent(page.cursor)}`;
    }

    assert.deepEqual(seen, functions.newestFirst);
    assert.equal(pages, 3);
  });

  test('by role and by status has only those', async () => {
    const functions = await withCalls();
    const [fifth, fourth, third, second, first] = functions.newestFirst;

    const judges = pageOf(await ask(createRecordsByRole, functions, { pathParameters: { role: 'judge' } }));
    const running = pageOf(
      await ask(createRecordsByStatus, functions, { pathParameters: { status: 'in-progress' } }),
    );
    const completed = pageOf(
      await ask(createRecordsByStatus, functions, { pathParameters: { status: 'completed' } }),
    );

    const sids = ({ items }: Page) => items.map(({ callSid }) => callSid);
    assert.deepEqual(sids(judges), [fourth, second]);
    assert.deepEqual(sids(running), [fifth, fourth, third, second]);
    assert.deepEqual(sids(completed), [first]);
  });

  test('without calls is empty and has no cursor', async () => {
    assert.deepEqual(pageOf(await ask(createRecordsList, testFunctions())), { items: [] });
  });

  test('shows no number and nothing that only the machinery needs', async () => {
    const { body } = await ask(createRecordsList, await withWholeCall());

    assert.doesNotMatch(body, /expiresAt|nextStep|transferTo|startedSort|4155550111/);
  });

  for (const limit of ['0', '-1', '101', '1.5', 'many', '', '25,30'])
    test(`refuses a limit of "${limit}" and names it`, async () => {
      const answer = await ask(createRecordsList, testFunctions(), { query: `limit=${limit}` });

      assert.equal(answer.status, 400);
      assert.equal(problemOf(answer).error.code, 'bad_request');
      assert.match(problemOf(answer).error.fields?.[0] ?? '', /^limit: /);
    });

  test('takes limits of 1 and of 100', async () => {
    for (const limit of [1, 100])
      assert.equal((await ask(createRecordsList, testFunctions(), { query: `limit=${limit}` })).status, 200);
  });

  test('refuses a cursor that is made up, of another list, or endless', async () => {
    const functions = await withCalls();
    const { cursor = '' } = pageOf(
      await ask(createRecordsByRole, functions, { pathParameters: { role: 'judge' }, query: 'limit=1' }),
    );
    assert.notEqual(cursor, '');

    for (const bad of ['made-up', encodeURIComponent(cursor), 'x'.repeat(2_001)]) {
      const answer = await ask(createRecordsList, functions, { query: `cursor=${bad}` });
      assert.equal(answer.status, 400, bad);
      assert.match(problemOf(answer).error.fields?.[0] ?? '', /^cursor: /);
    }
  });

  test('of a role or a status that does not exist is a mistake, not an empty list', async () => {
    const role = await ask(createRecordsByRole, testFunctions(), { pathParameters: { role: 'wizard' } });
    const status = await ask(createRecordsByStatus, testFunctions(), { pathParameters: { status: 'over' } });

    assert.deepEqual([role.status, status.status], [400, 400]);
    assert.match(problemOf(role).error.message, /judge/, 'says what there is');
    assert.match(problemOf(status).error.message, /in-progress/);
  });
});

describe('One record', () => {
  test('is shown with its figures, and without words unless they are asked for', async () => {
    const functions = await withWholeCall();

    const answer = await ask(createRecordGet, functions, { pathParameters: { callSid: functions.callSid } });

    const { expiresAt, nextStep, transferTo, ...shown } = functions.record;
    assert.deepEqual(answer.json, { ...shown, ...callEnding(), status: 'completed' });
    assert.doesNotMatch(answer.body, /I need help/);
    assert.equal(answer.headers['content-type'], 'application/json');
  });

  test('has its transcript, its turns and its costs when asked for them', async () => {
    const functions = await withWholeCall();

    const answer = await ask(createRecordGet, functions, {
      pathParameters: { callSid: functions.callSid },
      query: 'include=transcript,turns,costs',
    });

    const { transcript, turns, costs } = recordAnswerSchema.parse(answer.json);
    assert.deepEqual(transcript, [
      { speaker: 'caller', text: 'I need help.', interrupted: false, at: '2026-11-21T12:00:05.000Z' },
      { speaker: 'assistant', text: 'Of course.', interrupted: false, at: '2026-11-21T12:00:05.000Z' },
    ]);
    assert.deepEqual(turns, await functions.services.store.turns(functions.callSid));
    assert.deepEqual(costs, [costEvent(functions.callSid, 0)]);
  });

  test('has only the part that was asked for', async () => {
    const functions = await withWholeCall();

    const answer = await ask(createRecordGet, functions, {
      pathParameters: { callSid: functions.callSid },
      query: 'include=costs',
    });

    const { transcript, turns, costs } = recordAnswerSchema.parse(answer.json);
    assert.deepEqual([transcript, turns, costs?.length], [undefined, undefined, 1]);
  });

  test('refuses to include what there is not, and a call that cannot be one', async () => {
    const functions = await withWholeCall();
    const include = await ask(createRecordGet, functions, {
      pathParameters: { callSid: functions.callSid },
      query: 'include=audio',
    });
    const callSid = await ask(createRecordGet, functions, { pathParameters: { callSid: 'CA1' } });

    assert.deepEqual([include.status, callSid.status], [400, 400]);
    assert.match(problemOf(include).error.message, /transcript/);
    assert.match(problemOf(callSid).error.fields?.[0] ?? '', /^callSid: /);
  });

  test('of a call that nobody knows, or whose time is over, is not found', async () => {
    const functions = testFunctions();
    const expiresAt = Date.parse('2026-11-21T12:00:00Z') / 1000;
    const expired = callRecord({ expiresAt });
    await functions.services.store.create(expired);

    for (const callSid of [newCallSid(), expired.callSid]) {
      const answer = await ask(createRecordGet, functions, {
        pathParameters: { callSid },
        query: 'include=transcript',
      });
      assert.equal(answer.status, 404);
      assert.equal(problemOf(answer).error.code, 'not_found');
    }
  });
});

describe('A deletion', () => {
  test('removes the call with everything in it, and is noted with the key but without a word', async () => {
    const functions = await withWholeCall();
    const { callSid, services } = functions;

    const answer = await ask(createRecordDelete, functions, {
      pathParameters: { callSid },
      key: keys.deleting,
    });

    assert.deepEqual([answer.status, answer.body], [204, '']);
    assert.equal(answer.headers['content-type'], undefined);
    assert.equal(await services.store.find(callSid), undefined);
    assert.deepEqual(await services.store.turns(callSid), []);
    assert.deepEqual(await services.store.costEvents(callSid), []);
    assert.deepEqual(functions.lines, [{ level: 'info', msg: 'record.deleted', callSid, keyId: 'deleting' }]);
  });

  test('of a call that is gone already says so', async () => {
    const functions = testFunctions();

    const answer = await ask(createRecordDelete, functions, { pathParameters: { callSid: newCallSid() } });

    assert.equal(answer.status, 404);
    assert.deepEqual(functions.lines, []);
  });
});

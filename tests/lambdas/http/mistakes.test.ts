/** What somebody in a hurry gets wrong with curl, and that the answer names the field and the mend. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { roles } from '#core/personas/role.ts';
import type { HttpApi } from '#local/http/http-api.ts';
import { keys, publicBaseUrl, type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { startLocalApi } from '#tests/support/local-api.ts';

let api: HttpApi;
let functions: TestFunctions;
before(async () => {
  functions = testFunctions();
  api = await startLocalApi(functions.load, (name, error) => assert.fail(`${name}: ${String(error)}`));
});
after(() => api.close());

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
}

async function ask(path: string, init: RequestInit = {}): Promise<Problem> {
  const headers = { authorization: `Bearer ${keys.everything}`, ...init.headers };
  const answer = await fetch(`http://127.0.0.1:${api.port}${path}`, { ...init, headers });
  const { error } = (await answer.json()) as { error: Omit<Problem, 'status'> };
  return { ...error, status: answer.status };
}

const post = (path: string, body: unknown) =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: publicBaseUrl },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const anyRole = `must be one of ${roles.join(', ')}`;
const order = { to: '+14155550100', role: 'parent' };

describe('A mistake in an order', () => {
  const rows: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['nothing in it', {}, ['to: is missing: must be text', `role: is missing: ${anyRole}`]],
    ['null', null, ['body: must be an object']],
    ['a list', [order], ['body: must be an object']],
    ['a text', '"+14155550100"', ['body: must be an object']],
    ['half of it', '{"to":"+1415', ['body: not JSON']],
    ['numbers for texts', { to: 14155550100, role: 5 }, ['to: must be text', `role: ${anyRole}`]],
    ['dashes', { ...order, to: '415-555-0100' }, ['to: must be an E.164 number such as +14155550100']],
    [
      'digits of another script',
      { ...order, to: '+١٤١٥٥٥٥٠١٠٠' },
      ['to: must be an E.164 number such as +14155550100'],
    ],
    ['a name that nobody knows', { ...order, timeLimit: 60 }, ['timeLimit: is not known here']],
    ['a text for a number', { ...order, ringSecs: '20' }, ['ringSecs: must be a number']],
    [
      'a number that is too large',
      { ...order, timeLimitSecs: 1e99 },
      ['timeLimitSecs: must be at most 14400'],
    ],
    [
      'a number beyond the bound',
      { ...order, timeLimitSecs: 20_000 },
      ['timeLimitSecs: must be at most 14400'],
    ],
    ['half a second', { ...order, ringSecs: 5.5 }, ['ringSecs: must be a whole number']],
    [
      'a word for the machine',
      { ...order, answeringMachine: 'hang-up' },
      ['answeringMachine: must be an object'],
    ],
    [
      'an unknown action',
      { ...order, answeringMachine: { action: 'shout' } },
      ['answeringMachine.action: must be one of continue, hang-up, leave-message'],
    ],
    [
      'no message to leave',
      { ...order, answeringMachine: { action: 'leave-message' } },
      ['answeringMachine.message: is missing: must be text'],
    ],
  ];
  for (const [what, body, fields] of rows)
    test(`(${what}) is named with its mend, and nobody is called`, async () => {
      const problem = await post('/call/outbound', body);

      assert.deepEqual([problem.status, problem.code, problem.fields], [400, 'bad_request', fields]);
      for (const field of fields) if (field !== 'body: not JSON') assert.ok(problem.message.includes(field));
      assert.equal(functions.carrier.placed.length, 0);
    });
});

describe('A mistake in an address', () => {
  const limit = 'limit: must be a whole number from 1 to 100';
  const moment = 'must be a moment such as 2026-11-21T12:00:00Z or a day such as 2026-11-21';
  const sid = 'callSid: must be CA and 32 hexadecimal digits';
  const nobody = `CA${'0'.repeat(32)}`;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/records?limit=0', [limit]],
    ['/records?limit=101', [limit]],
    ['/records?limit=', [limit]],
    ['/records?limit=abc', [limit]],
    ['/records?limit=1e1', [limit]],
    ['/records?limit=0x10', [limit]],
    ['/records?limit=%20%205', [limit]],
    ['/records?limit=%D9%A5', [limit]],
    ['/records?limit=%ff', [limit]],
    ['/records?limit=5&limit=6', ['limit: given more than once']],
    ['/records?limits=5', ['limits: is not known here']],
    ['/records?Role=judge', ['Role: is not known here']],
    ['/records?cursor=nope', ['cursor: not one of this list']],
    ['/records?role=Judge', [`role: ${anyRole}`]],
    ['/records?direction=in', ['direction: must be one of inbound, outbound, web']],
    ['/records?from=2026-13-01', [`from: ${moment}`]],
    ['/records?from=now&to=2026-11-21T10:00', [`from: ${moment}`, `to: ${moment}`]],
    ['/records?from=2026-11-22&to=2026-11-01', ['from: must be before to']],
    ['/records/CA123', [sid]],
    ['/costs/call/CA123', [sid]],
    [`/records/${nobody}?include=words`, ['include.0: must be one of transcript, turns, costs']],
    [`/records/${nobody}?includes=turns`, ['includes: is not known here']],
    ['/records/by-role/king', [`role: ${anyRole}`]],
    [
      '/costs/summary?groupBy=planet',
      ['groupBy: must be one of day, role, service, key, direction, outcome'],
    ],
    ['/costs/summary?from=2026-11-31', ['from: must be a day such as 2026-11-21']],
    ['/costs/summary?from=2020-11-01&to=2030-11-01', ['to: must be within 100 days of from']],
    ['/costs/alerts?state=open', ['state: is not known here']],
  ];
  for (const [path, fields] of rows)
    test(`(${path}) is named with its mend`, async () => {
      const problem = await ask(path);

      assert.deepEqual([problem.status, problem.fields], [400, fields]);
    });
});

describe('A mistake of a web page', () => {
  test('is named with its mend', async () => {
    const visitor = await post('/web-call/register', { role: 'parent', visitorId: 'x' });
    const consent = await post('/api/consent', { phone: '+14155550100', consent: 'yes', text: 'x' });

    assert.deepEqual(visitor.fields, ['visitorId: must be 16 to 64 letters, digits, _ or -']);
    assert.deepEqual(consent.fields, [
      'consent: must be true',
      'disclosureVersion: is missing: must be text',
      'disclosureText: is missing: must be text',
      'text: is not known here',
    ]);
  });
});

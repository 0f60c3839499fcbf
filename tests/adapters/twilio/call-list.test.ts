import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { createTwilioCallList } from '#adapters/twilio/call-list.ts';
import { isProviderError } from '#core/errors.ts';
import type { CarrierCall } from '#core/ports/carrier-calls.ts';

const account = { accountSid: `AC${'1'.repeat(32)}`, authToken: 't' };
const base = `/2010-04-01/Accounts/${account.accountSid}/Calls.json`;
const sid = (n: number) => `CA${String(n).padStart(32, '0')}`;
const { signal } = new AbortController();

const resource = (n: number, fields: object = {}) => ({
  sid: sid(n),
  parent_call_sid: null,
  status: 'completed',
  direction: 'inbound',
  from: '+12025550100',
  to: '+12025550142',
  date_created: 'Fri, 20 Nov 2026 10:00:00 +0000',
  start_time: 'Fri, 20 Nov 2026 10:00:01 +0000',
  end_time: 'Fri, 20 Nov 2026 10:03:11 +0000',
  duration: '190',
  price: '-0.03400',
  price_unit: 'USD',
  ...fields,
});

/** The calls that a server with these pages gives, and what it was asked. */
async function listOf(...pages: object[]) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify(pages[asked.length - 1] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const calls: CarrierCall[] = [];
  try {
    for await (const page of createTwilioCallList({ ...account, baseUrl }).ofDay('2026-11-20', { signal }))
      calls.push(...page);
    return { calls, asked };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { calls, asked, error };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("The carrier's list of a day", () => {
  test('is asked for by the moment its calls began, and followed page by page', async () => {
    const next = `${base}?PageSize=500&Page=1&PageToken=PA${sid(1)}`;

    const { calls, asked } = await listOf(
      { calls: [resource(1)], next_page_uri: next },
      { calls: [resource(2)], next_page_uri: null },
    );

    const query = new URL(asked[0] ?? '', 'http://host').searchParams;
    assert.equal(query.get('StartTime>'), '2026-11-20');
    assert.equal(query.get('StartTime<'), '2026-11-21');
    assert.equal(asked[1], next);
    assert.deepEqual(
      calls.map(({ callSid }) => callSid),
      [sid(1), sid(2)],
    );
  });

  test('tells direction, seconds, moments and the price without its sign', async () => {
    const { calls } = await listOf({
      calls: [
        resource(1),
        resource(2, { direction: 'outbound-dial', parent_call_sid: sid(1), price: null, duration: '61' }),
        resource(3, {
          direction: 'outbound-api',
          status: 'busy',
          start_time: null,
          end_time: '',
          duration: null,
        }),
        resource(4, { price: '-0.03', price_unit: 'EUR' }),
      ],
    });

    assert.deepEqual(
      calls.map((call) => [call.direction, call.parentCallSid, call.durationSecs, call.priceUsd]),
      [
        ['inbound', undefined, 190, 0.034],
        ['outbound', sid(1), 61, undefined],
        ['outbound', undefined, 0, 0.034],
        ['inbound', undefined, 190, undefined],
      ],
    );
    assert.equal(calls[0]?.endedAt?.toISOString(), '2026-11-20T10:03:11.000Z');
    assert.equal(calls[2]?.startedAt.toISOString(), '2026-11-20T10:00:00.000Z');
    assert.equal(calls[2]?.endedAt, undefined);
  });

  test('holds no call of another day, wherever the carrier draws the line', async () => {
    const { calls } = await listOf({
      calls: [
        resource(1, { start_time: 'Sat, 21 Nov 2026 00:00:00 +0000' }),
        resource(2, { start_time: 'Fri, 20 Nov 2026 23:59:59 +0000' }),
        resource(3, { start_time: 'Thu, 19 Nov 2026 23:59:59 +0000' }),
      ],
    });

    assert.deepEqual(
      calls.map(({ callSid }) => callSid),
      [sid(2)],
    );
  });

  test('is not followed to another account, nor read when it is no list', async () => {
    const elsewhere = await listOf({ calls: [], next_page_uri: 'https://elsewhere.example/Calls.json?' });
    const nonsense = await listOf({ calls: [{ sid: 'CA1' }] });

    assert.deepEqual([elsewhere.error?.failure, elsewhere.asked.length], ['protocol', 1]);
    assert.equal(nonsense.error?.failure, 'protocol');
  });
});

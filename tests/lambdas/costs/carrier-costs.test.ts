import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legEstimateNumber } from '#core/costs/event-numbers.ts';
import { createLedger } from '#core/costs/ledger.ts';
import { priceCharge } from '#core/costs/price-charge.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { settledEvents } from '#core/costs/settled.ts';
import { summarise } from '#core/costs/summarise.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import {
  noteLeg,
  noteMachineDetection,
  noteRecording,
  noteTransferLeg,
} from '#lambdas/costs/carrier-costs.ts';
import { type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';

const recordingSid = `RE${'ab'.repeat(16)}`;
const legSid = `CA${'cd'.repeat(16)}`;

/** A call whose process counted 65 seconds of its leg, and has ended it. */
async function endedCall(fields: Partial<CallRecord> = {}): Promise<{
  functions: TestFunctions;
  record: CallRecord;
}> {
  const functions = testFunctions();
  const { store } = functions.services;
  const record = callRecord(fields);
  const ledger = createLedger({ callSid: record.callSid, prices: defaultPrices });
  const direction = record.direction === 'outbound' ? 'outbound' : 'inbound';
  ledger.meter('call', { kind: 'call-leg', direction, seconds: 65 }, new Date('2026-11-21T12:01:05Z'));
  await store.create(record);
  await store.putCostEvents(ledger.pending());
  await store.finish(record.callSid, {
    outcome: 'completed',
    endedAt: '2026-11-21T12:01:05.000Z',
    durationSecs: 65,
    turnCount: 2,
    costSummary: ledger.summary(),
  });
  return { functions, record };
}

/** As the summary says, which must be the sum of the events. */
const twilioUsd = async ({ services }: TestFunctions, { callSid }: CallRecord) => {
  const [events, found] = [await services.store.costEvents(callSid), await services.store.find(callSid)];
  assert.deepEqual(found?.costSummary, summarise(events));
  return found?.costSummary?.costByService['twilio'];
};

test('the minutes that Twilio billed take the place of ours, however often it tells them', async () => {
  const { functions, record } = await endedCall();
  assert.equal(await twilioUsd(functions, record), 0.017);

  for (let i = 0; i < 3; i += 1)
    await noteLeg(record.callSid, { status: 'completed', durationSecs: 121 }, functions.services);

  assert.equal(await twilioUsd(functions, record), 0.0255);
  const events = settledEvents(await functions.services.store.costEvents(record.callSid));
  assert.deepEqual(
    events.map(({ usage, estimated }) => [usage, estimated]),
    [[3, false]],
  );
});

test('each leg, recording and detection is billed once, and by its own price', async () => {
  const { functions, record } = await endedCall({ direction: 'outbound' });
  const { callSid } = record;

  for (let i = 0; i < 2; i += 1) {
    await noteLeg(callSid, { status: 'completed', durationSecs: 60 }, functions.services);
    await noteTransferLeg(callSid, { legSid, durationSecs: 61 }, functions.services);
    await noteRecording(callSid, { recordingSid, durationSecs: 59 }, functions.services);
    await noteMachineDetection(callSid, functions.services);
  }

  assert.equal(await twilioUsd(functions, record), 0.052);
});

test('a call to a toll-free number costs more', async () => {
  const { functions, record } = await endedCall({ tollFree: true });

  await noteLeg(record.callSid, { status: 'completed', durationSecs: 60 }, functions.services);

  assert.equal(await twilioUsd(functions, record), 0.022);
});

test('what is told before the call has ended is counted when it ends', async () => {
  const functions = testFunctions();
  const record = callRecord();
  await functions.services.store.create(record);

  await noteLeg(record.callSid, { status: 'completed', durationSecs: 61 }, functions.services);

  const events = await functions.services.store.costEvents(record.callSid);
  assert.equal(summarise(events).costByService['twilio'], 0.017);
});

test('a call of half a second is billed although it is told to last none; one that is not ours costs nothing', async () => {
  const { functions, record } = await endedCall();

  await noteLeg(record.callSid, { status: 'completed', durationSecs: 0 }, functions.services);
  await noteLeg(callRecord().callSid, { status: 'completed', durationSecs: 60 }, functions.services);

  assert.equal(await twilioUsd(functions, record), 0.017);
});

test('a caller who was to be refused and had hung up before is taken back out of the books', async () => {
  const functions = testFunctions();
  const { services } = functions;
  const record = callRecord();
  await services.store.create(record);
  const [leg] = priceCharge(
    { kind: 'call-leg', direction: 'inbound', seconds: 10 },
    { callSid: record.callSid, seq: legEstimateNumber, at: new Date(), prices: defaultPrices },
  );
  await services.store.putCostEvents(leg === undefined ? [] : [leg]);

  await noteLeg(record.callSid, { status: 'canceled', durationSecs: 0 }, services);

  const events = await services.store.costEvents(record.callSid);
  assert.ok((leg?.costUsd ?? 0) > 0);
  assert.equal(summarise(events).estimatedCostUsd, 0);
});

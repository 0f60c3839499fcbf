/** What the vendors know better, in our books: our own counts corrected, calls of which nobody told us. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from 'aws-lambda';
import type { VendorCount } from '#core/costs/correct-estimates.ts';
import type { CostEvent, CostService } from '#core/costs/cost-event.ts';
import { legEstimateNumber } from '#core/costs/event-numbers.ts';
import { priceCharge } from '#core/costs/price-charge.ts';
import { defaultPrices as prices } from '#core/costs/prices.ts';
import type { VendorDay } from '#core/costs/reconcile.ts';
import { summarise } from '#core/costs/summarise.ts';
import { createTaskReport } from '#core/costs/task-report.ts';
import { ProviderError } from '#core/errors.ts';
import { costSummaryAnswerSchema } from '#core/http/costs.ts';
import type { CallSid } from '#core/ids.ts';
import type { CarrierCall } from '#core/ports/carrier-calls.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { createCostsSummary } from '#lambdas/http/costs-summary.ts';
import { createRecordDelete } from '#lambdas/http/record-delete.ts';
import { createReconcileCosts } from '#lambdas/jobs/reconcile-costs.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import {
  carrierCallsOf,
  gatewayEvent,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
} from '#tests/lambdas/functions.ts';
import { callEnding, callRecord, costEvent, newCallSid } from '#tests/support/calls.ts';

const day = '2026-11-20';
const at = `${day}T10:00:00.000Z`;
const ourNumber = '+18005550199';

const reconcileDay = (functions: TestFunctions) =>
  createReconcileCosts(functions.load)({ day }, {} as Context);
const rollUpDay = (functions: TestFunctions) => createRollUpCosts(functions.load)({ day }, {} as Context);

async function haveCall(
  { services: { store } }: TestFunctions,
  events: (callSid: CallSid) => readonly CostEvent[],
  fields: Partial<CallRecord> = {},
): Promise<CallSid> {
  const record = callRecord({ startedAt: at, aliveAt: at, tollFree: false, ...fields });
  const { callSid } = record;
  await store.create(record);
  await store.putCostEvents(events(callSid));
  await store.finish(
    callSid,
    callEnding({ endedAt: `${day}T10:03:00.000Z`, costSummary: summarise(await store.costEvents(callSid)) }),
  );
  return callSid;
}

const reportOf = (service: CostService, answer: VendorDay): UsageReport => ({
  services: [service],
  day: async () => new Map([[service, answer]]),
  quotas: async () => [],
  balanceUsd: async () => undefined,
});

const speechReport = (characters: number) => {
  const counts: readonly VendorCount[] = [{ operation: 'live-characters', usage: characters }];
  return reportOf('elevenlabs-tts', { usd: (characters / 1_000) * 0.05, note: '', counts });
};

const totalOf = async ({ services }: TestFunctions, name = 'PLATFORM') =>
  (await services.costs.totals([day], name)).get(day);

describe('Our own counts of speech', () => {
  test('become what the vendor has counted, in every total of the day, and the alert is not needed', async () => {
    const functions = testFunctions({ services: { usageReports: [speechReport(570)] } });
    const sids = [
      await haveCall(functions, (sid) => [costEvent(sid, 0, { at, usage: 200, costUsd: 0.01 })]),
      await haveCall(functions, (sid) => [costEvent(sid, 0, { at, usage: 400, costUsd: 0.02 })], {
        role: 'judge',
      }),
    ];
    await rollUpDay(functions);

    await reconcileDay(functions);

    const total = await totalOf(functions);
    const judge = await totalOf(functions, 'ROLE#judge');
    const [run] = await functions.services.costs.reconciliations(day, day);
    const records = await Promise.all(sids.map((sid) => functions.services.store.find(sid)));
    assert.equal(total?.costByService['elevenlabs-tts'], 0.0285);
    assert.equal(total?.estimatedUsd, 0, 'nothing of it rests on our own count any more');
    assert.equal(judge?.costUsd, 0.019);
    assert.deepEqual(
      records.map((record) => record?.costSummary?.ttsChars),
      [190, 380],
    );
    assert.deepEqual(
      run?.comparisons.map(({ status, correctedUsd }) => [status, correctedUsd]),
      [['agrees', -0.0015]],
    );
    assert.equal(functions.lastLine('cost.alert'), undefined);
  });

  test('are corrected once, however often the books are compared, and again when the vendor counts anew', async () => {
    const functions = testFunctions({ services: { usageReports: [speechReport(570)] } });
    const callSid = await haveCall(functions, (sid) => [
      costEvent(sid, 0, { at, usage: 600, costUsd: 0.03 }),
    ]);
    await rollUpDay(functions);
    const { store } = functions.services;

    await reconcileDay(functions);
    const once = await store.costEvents(callSid);
    await reconcileDay(functions);
    const twice = await store.costEvents(callSid);
    const services = { ...functions.services, usageReports: [speechReport(590)] };
    await createReconcileCosts(async () => services)({ day }, {} as Context);

    assert.deepEqual(twice, once);
    assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.estimates-corrected').length, 2);
    assert.equal((await store.find(callSid))?.costSummary?.ttsChars, 590);
    assert.equal((await totalOf(functions))?.costUsd, 0.0295);
  });

  test('take over no more than they can explain: the rest raises an alert', async () => {
    const functions = testFunctions({ services: { usageReports: [speechReport(2_000)] } });
    await haveCall(functions, (sid) => [costEvent(sid, 0, { at, usage: 1_000, costUsd: 0.05 })]);
    await rollUpDay(functions);

    await reconcileDay(functions);

    assert.equal((await totalOf(functions))?.costUsd, 0.055);
    assert.equal(functions.lastLine('cost.alert')?.['reason'], 'reconciliation');
  });

  test('of a day that goes on are left alone', async () => {
    const today = '2026-11-21';
    const functions = testFunctions({ services: { usageReports: [speechReport(10)] } });
    const callSid = await haveCall(
      functions,
      (sid) => [costEvent(sid, 0, { at: `${today}T10:00:00.000Z`, usage: 600 })],
      { startedAt: `${today}T10:00:00.000Z` },
    );

    await createReconcileCosts(functions.load)({ day: today }, {} as Context);

    assert.equal((await functions.services.store.costEvents(callSid)).length, 1);
  });
});

const carried = (fields: Partial<CarrierCall> = {}): CarrierCall => ({
  callSid: newCallSid(),
  direction: 'inbound',
  status: 'completed',
  from: '+14155550100',
  to: ourNumber,
  startedAt: new Date(at),
  endedAt: new Date(`${day}T10:03:10.000Z`),
  durationSecs: 190,
  ...fields,
});

const estimatedLeg = (callSid: CallSid, seconds: number) =>
  priceCharge(
    { kind: 'call-leg', direction: 'inbound', seconds },
    { callSid, seq: legEstimateNumber, at: new Date(at), prices },
  );

describe('Calls on the list of the carrier', () => {
  test('whose last callback was lost cost what the carrier has billed', async () => {
    const call = carried();
    const functions = testFunctions({ services: { carrierCalls: carrierCallsOf(call) } });
    // A process that died early: its last measure is half a minute.
    await haveCall(functions, (sid) => estimatedLeg(sid, 30), { callSid: call.callSid });
    await rollUpDay(functions);

    await reconcileDay(functions);

    const record = await functions.services.store.find(call.callSid);
    assert.equal(record?.costSummary?.costByService.twilio, 4 * 0.0085);
    assert.equal(record.status, 'completed');
    assert.equal((await totalOf(functions))?.costByService.twilio, 4 * 0.0085);
  });

  test("have the account's own price as soon as it is there", async () => {
    const call = carried();
    const functions = testFunctions({
      services: { carrierCalls: carrierCallsOf({ ...call, priceUsd: 0.03 }) },
    });
    await haveCall(functions, (sid) => estimatedLeg(sid, 190), { callSid: call.callSid });

    await reconcileDay(functions);

    const [leg] = (await functions.services.store.costEvents(call.callSid)).filter(
      ({ supersedes }) => supersedes === legEstimateNumber,
    );
    assert.deepEqual([leg?.usage, leg?.unitPriceUsd, leg?.costUsd], [4, 0.0075, 0.03]);
  });

  test('of which nobody told us get a record and one summary, and their legs are counted', async () => {
    const call = carried({ priceUsd: 0.088, durationSecs: 190 });
    const dialled = carried({
      parentCallSid: call.callSid,
      direction: 'outbound',
      durationSecs: 61,
      from: '+14155550100',
      to: '+14155550111',
    });
    const functions = testFunctions({ services: { carrierCalls: carrierCallsOf(dialled, call) } });

    await reconcileDay(functions);
    await reconcileDay(functions);

    const record = await functions.services.store.find(call.callSid);
    assert.deepEqual(
      [record?.outcome, record?.status, record?.numberMasked, record?.tollFree],
      ['lost', 'completed', '+1******0100', true],
    );
    assert.equal(record?.costSummary?.costByService.twilio, 0.116);
    assert.equal((await totalOf(functions))?.costByService.twilio, 0.116);
    assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.call.summary').length, 1);
    assert.ok(!JSON.stringify(functions.lines).includes('4155550100'));
  });

  test('that are of other numbers of the account, unanswered or going on are left alone', async () => {
    const calls = [
      carried({ to: '+14155559999' }),
      carried({ direction: 'outbound', from: '+14155559999' }),
      carried({ status: 'no-answer', durationSecs: 0, direction: 'outbound', from: ourNumber }),
      carried({ status: 'in-progress', durationSecs: 0 }),
    ];
    const functions = testFunctions({ services: { carrierCalls: carrierCallsOf(...calls) } });

    await reconcileDay(functions);

    for (const { callSid } of calls) assert.equal(await functions.services.store.find(callSid), undefined);
  });

  test('whose record was removed, or has expired, do not come back', async () => {
    const call = carried();
    const functions = testFunctions({ services: { carrierCalls: carrierCallsOf(call) } });
    await haveCall(functions, (sid) => estimatedLeg(sid, 30), { callSid: call.callSid });
    const deleted = await invoke(
      createRecordDelete(functions.load),
      gatewayEvent({
        method: 'DELETE',
        path: `/records/${call.callSid}`,
        pathParameters: { callSid: call.callSid },
        headers: { authorization: `Bearer ${keys.everything}` },
      }),
    );
    const old = carried();
    const forgetful = testFunctions({
      variables: { RECORDS_TTL_DAYS: '1' },
      services: { carrierCalls: carrierCallsOf(old) },
    });

    await reconcileDay(functions);
    await reconcileDay(forgetful);

    assert.equal(deleted.status, 204);
    assert.equal(await functions.services.store.find(call.callSid), undefined);
    assert.equal((await totalOf(functions))?.costByService.twilio, 0.0085, 'what it had cost stays');
    assert.equal(await forgetful.services.store.find(old.callSid), undefined);
  });

  test('that nobody answered cost nothing, whatever we had estimated', async () => {
    const call = carried({ status: 'no-answer', durationSecs: 0, direction: 'outbound', from: ourNumber });
    const functions = testFunctions({ services: { carrierCalls: carrierCallsOf(call) } });
    await haveCall(functions, (sid) => estimatedLeg(sid, 20), { callSid: call.callSid });

    await reconcileDay(functions);

    const record = await functions.services.store.find(call.callSid);
    assert.equal(record?.costSummary?.costByService.twilio, 0);
  });

  test('cannot be had now: the comparison goes on without them', async () => {
    const refused = new ProviderError('No', { provider: 'twilio', failure: 'refused' });
    const carrierCalls = {
      // biome-ignore lint/correctness/useYield: it fails before its first page.
      async *ofDay() {
        throw refused;
      },
    };
    const functions = testFunctions({
      services: { carrierCalls, usageReports: [reportOf('twilio', { usd: 0, note: '' })] },
    });

    await reconcileDay(functions);

    const [run] = await functions.services.costs.reconciliations(day, day);
    assert.equal(run?.comparisons[0]?.status, 'agrees');
    assert.equal(functions.lastLine('provider.failed')?.['failure'], 'refused');
  });
});

describe('Tasks that waited for calls', () => {
  const taskHours = (hours: number) => createTaskReport(prices, async () => hours * 3_600);
  const perHour =
    (prices.vcpu.usd ?? 0) * prices.task.vcpu + (prices.memoryGb.usd ?? 0) * prices.task.memoryGb;
  const charged = (usd: number) => (sid: CallSid) => [
    costEvent(sid, 0, {
      at,
      service: 'fargate',
      operation: 'task-seconds',
      unit: 'second',
      usage: 3_600,
      costUsd: usd,
    }),
  ];

  test('are a line of their own, and with the calls they are what is billed', async () => {
    const functions = testFunctions({ services: { usageReports: [taskHours(24)] } });
    await haveCall(functions, charged(0.01));

    await reconcileDay(functions);

    const [found] = (await functions.services.costs.reconciliations(day, day)).flatMap(
      (run) => run.comparisons,
    );
    assert.equal(found?.status, 'agrees');
    assert.equal(found.theirsUsd?.toFixed(6), (24 * perHour).toFixed(6));
    assert.equal((0.01 + (found.unallocatedUsd ?? 0)).toFixed(6), (24 * perHour).toFixed(6));
    const answer = await invoke(
      createCostsSummary(functions.load),
      gatewayEvent({
        path: '/costs/summary',
        query: `from=${day}&to=${day}`,
        headers: { authorization: `Bearer ${keys.everything}` },
      }),
    );
    const { total, unallocatedUsd, series } = costSummaryAnswerSchema.parse(answer.json);
    assert.equal((total.costUsd + unallocatedUsd).toFixed(6), (24 * perHour).toFixed(6));
    assert.equal(series[0]?.unallocatedUsd, unallocatedUsd);
  });

  test('do not hide that calls were charged more than has run', async () => {
    const functions = testFunctions({ services: { usageReports: [taskHours(1)] } });
    await haveCall(functions, charged(10));

    await reconcileDay(functions);

    const [found] = (await functions.services.costs.reconciliations(day, day)).flatMap(
      (run) => run.comparisons,
    );
    assert.deepEqual([found?.status, found?.unallocatedUsd], ['differs', 0]);
  });
});

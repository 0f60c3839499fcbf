/** Whole calls on a virtual clock: how they end, and how they come back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { phrase } from '#core/conversation/phrases.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { readPast } from '#media-service/call-past.ts';
import { callSid, startVirtualCall } from '#tests/support/virtual-call.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

describe('the keypad', () => {
  test('brings a person where there is one, after the sentence was heard', async () => {
    const call = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await call.hearReply();

    call.session.onDtmf('0');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'transferring', { variant: 0 })));
    const record = await call.record();
    assert.equal(record?.outcome, 'transferred');
    assert.equal(record?.transferTo, '+14155550199');
  });

  test('tells the numbers that help, or ends the call, where keys are set to do so', async () => {
    const keys = { '9': 'help', '*': 'goodbye' } as const;
    const conversation = { ...defaultConversationSettings, keys };
    const call = startVirtualCall({ settings: { conversation } });
    await call.hearReply();

    call.session.onDtmf('9');
    await call.hearReply();
    const helped = call.phone.heard();
    call.session.onDtmf('*');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.ok(helped.endsWith(phrase('adult', 'crisis')));
    assert.ok(call.phone.heard().endsWith(phrase('adult', 'goodbye')));
    assert.equal((await call.record())?.outcome, 'completed');
  });

  test('does nothing where a key has no meaning', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    const before = call.phone.heard();

    call.session.onDtmf('5');
    await call.clock.advance(3_000);

    assert.equal(call.phone.heard(), before);
    assert.equal(call.phone.closed(), 'no');
  });
});

describe('a caller who comes back because nobody answered the transfer', () => {
  const transferred = async () => {
    const first = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await first.hearReply();
    await first.says('I need a person please.');
    await first.hearReply();
    first.session.onDtmf('0');
    await first.clock.advanceUntil(() => first.phone.closed() === 'done');
    await first.clock.advance(100);
    const past = {
      turns: await first.turns(),
      costEvents: await first.store.costEvents(callSid),
      nextTurn: 0,
      nextCostEvent: 0,
    };
    return { store: first.store, past };
  };

  test('is told so, goes on where the talk was, and has one record', async () => {
    const { store, past } = await transferred();
    const call = startVirtualCall({ store, past });

    await call.hearReply();
    const told = call.phone.heard();
    await call.says('Then tell me about the hearing.');
    await call.hearReply();
    await call.hangUp();

    assert.equal(told, phrase('adult', 'transfer-failed'));
    const asked = call.model.requests.at(-1)?.messages ?? [];
    assert.ok(JSON.stringify(asked).includes('I need a person please.'));
    const turns = await call.turns();
    assert.deepEqual(
      turns.map(({ n }) => n),
      turns.map((_, i) => i),
    );
    assert.ok(turns.length >= past.turns.length + 3);
    assert.equal((await call.record())?.nextStep, 'hang-up');
  });

  test('whose past could not be read loses nothing of it', async () => {
    const { store, past } = await transferred();
    const away = { store: { turns: () => Promise.reject(new Error()), costEvents: async () => [] } };
    const unread = await readPast(
      { callSid, returning: true } as StreamClaims,
      { ...away, clock: createVirtualClock(), onFailure: () => undefined } as unknown as Parameters<
        typeof readPast
      >[1],
    );
    const call = startVirtualCall({ store, ...(unread === undefined ? {} : { past: unread }) });

    await call.hearReply();
    await call.hangUp();

    const turns = await call.turns();
    assert.deepEqual(turns.slice(0, past.turns.length), past.turns);
    assert.equal(turns.length, past.turns.length + 1);
    const events = await store.costEvents(callSid);
    for (const { seq, operation } of past.costEvents)
      assert.equal(events.find((event) => event.seq === seq)?.operation, operation);
  });

  test('has no second summary line, and every cost of both parts in the record', async () => {
    const { store, past } = await transferred();
    const call = startVirtualCall({ store, past });
    await call.hearReply();
    await call.says('Then tell me about the hearing.');
    await call.hearReply();

    await call.hangUp();

    assert.equal(call.telemetry.linesOf('cost.call.summary').length, 0);
    const events = await store.costEvents(callSid);
    assert.ok(past.costEvents.every(({ seq }) => events.some((event) => event.seq === seq)));
    assert.ok(events.length > past.costEvents.length);
    const summary = (await call.record())?.costSummary;
    const before = past.costEvents.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    assert.ok((summary?.estimatedCostUsd ?? 0) > before);
  });
});

describe('a caller who hangs up', () => {
  const moments: Record<string, (call: ReturnType<typeof startVirtualCall>) => Promise<void>> = {
    'during the greeting': (call) => call.clock.advance(500),
    'while listening': (call) => call.hearReply(),
    'while speaking themselves': async (call) => {
      await call.hearReply();
      await call.says('I was going to');
    },
    'while the answer is made': async (call) => {
      await call.hearReply();
      await call.says('what now.');
      await call.clock.advanceUntil(() => call.recogniser.commits > 0);
    },
    'while the answer is spoken': async (call) => {
      await call.hearReply();
      await call.says('what now.');
      await call.clock.advanceUntil(() => call.phone.heard().endsWith('I hear'));
    },
  };
  for (const [moment, reach] of Object.entries(moments))
    test(`${moment} leaves a closed record and exactly one summary`, async () => {
      const call = startVirtualCall();
      await reach(call);

      await call.hangUp();

      assert.equal(call.telemetry.linesOf('cost.call.summary').length, 1);
      assert.equal(call.telemetry.linesOf('call.ended').length, 1);
      assert.equal((await call.record())?.outcome, 'completed');
    });
});

describe('the end of a long call', () => {
  test('is said after the present exchange', async () => {
    const call = startVirtualCall({ settings: { callMaxMs: 12_000 } });
    await call.hearReply();
    await call.clock.advance(5_000);

    await call.says('tell me about the hearing please.');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'max-duration-goodbye', { variant: 0 })));
    assert.equal((await call.record())?.outcome, 'max-duration');
  });

  test('is announced a minute before, after an answer, and once', async () => {
    const call = startVirtualCall({ settings: { callMaxMs: 150_000 } });
    await call.hearReply();
    const warning = phrase('adult', 'max-duration-warning');
    while (!call.phone.heard().includes(warning) && call.clock.nowMs() < 110_000) {
      await call.says('I will tell you a little more.');
      await call.hearReply();
    }

    assert.ok(call.phone.heard().endsWith(`Tell me more. ${warning}`), call.phone.heard());
    await call.says('thank you for telling me.');
    await call.hearReply();
    assert.equal(call.phone.heard().split(warning).length, 2);
  });

  test('does not come to a caller in danger', async () => {
    const call = startVirtualCall({
      settings: { callMaxMs: 14_000 },
      model: () => ({ text: 'Please call nine one one.' }),
    });
    await call.hearReply();
    await call.says('he is hitting me right now help.');
    await call.hearReply();

    await call.clock.advance(7_000);

    assert.equal(call.phone.closed(), 'no');
  });
});

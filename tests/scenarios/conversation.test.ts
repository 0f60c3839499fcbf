/** Whole calls on a virtual clock: what the caller hears, and what is kept of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { phrase } from '#core/conversation/phrases.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { ProviderError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { personaFor } from '#core/personas/index.ts';
import { readPast } from '#media-service/call-past.ts';
import { callSid, startVirtualCall } from '#tests/support/virtual-call.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const greeting = personaFor('parent').greeting;
const overloaded = () => new ProviderError('Overloaded', { provider: 'anthropic', failure: 'overloaded' });

describe('an ordinary call', () => {
  test('greets, answers three turns, and keeps every word of both sides', async () => {
    const answers = [
      'I am here with you. What happened?',
      'That sounds hard. Who is with you now?',
      'Thank you for calling.',
    ];
    const call = startVirtualCall({ model: (_request, nth) => ({ text: answers[nth] ?? '' }) });
    await call.hearReply();

    for (const words of ['my hearing is next week.', 'I do not know what to bring.', 'thank you goodbye.']) {
      await call.says(words);
      await call.hearReply();
    }
    await call.hangUp();

    assert.equal(call.phone.heard(), [greeting, ...answers].join(' '));
    const turns = await call.turns();
    assert.deepEqual(
      turns.map(({ speaker, text }) => [speaker, text]),
      [
        ['assistant', greeting],
        ['caller', 'my hearing is next week.'],
        ['assistant', answers[0]],
        ['caller', 'I do not know what to bring.'],
        ['assistant', answers[1]],
        ['caller', 'thank you goodbye.'],
        ['assistant', answers[2]],
      ],
    );
  });

  test('ends with one record, one summary line, and its sum', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    await call.says('I need some help please.');
    await call.hearReply();

    await call.hangUp();

    const record = await call.record();
    const [summary, ...more] = call.telemetry.linesOf('cost.call.summary');
    assert.equal(more.length, 0);
    assert.equal(record?.outcome, 'completed');
    assert.equal(record?.status, 'completed');
    assert.equal(summary?.turnCount, 3);
    assert.ok(summary && summary.ttsChars > greeting.length);
    assert.ok(summary && summary.claudeOutputTokens > 0 && summary.sttSecs > 0);
    assert.equal(summary?.estimatedCostUsd, record?.costSummary?.estimatedCostUsd);
  });

  test('shows the stages of an answer on its line', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    await call.says('how does mediation work.');
    await call.hearReply();

    const line = call.telemetry.linesOf('call.turn').at(-1);

    assert.ok(line?.responseLatencyMs !== undefined && line.responseLatencyMs < 1_500, JSON.stringify(line));
    assert.ok(
      line.ttftMs !== undefined && line.ttfbMs !== undefined && line.transcriptionDelayMs !== undefined,
    );
  });
});

describe('endpointing', () => {
  test('waits for a caller who stops in mid-sentence, and answers the whole utterance once', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    await call.says('I wanted to ask about');
    await call.clock.advance(900);
    await call.says('the parenting schedule.', 'I wanted to ask about');
    await call.hearReply();

    const callerTurns = (await call.turns()).filter(({ speaker }) => speaker === 'caller');
    assert.deepEqual(
      callerTurns.map(({ text }) => text),
      ['I wanted to ask about the parenting schedule.'],
    );
  });

  test('gives the turn back to a caller who goes on before anything was heard: both utterances become one', async () => {
    const call = startVirtualCall({ model: () => ({ text: 'I understand.', firstTokenMs: 1_000 }) });
    await call.hearReply();
    await call.says('my son is sick.');
    await call.clock.advanceUntil(() => call.recogniser.commits > 0);
    await call.clock.advance(300);

    await call.says('and I cannot reach his father.');
    await call.hearReply();

    const callerTurns = (await call.turns()).filter(({ speaker }) => speaker === 'caller');
    assert.deepEqual(
      callerTurns.map(({ text }) => text),
      ['my son is sick. and I cannot reach his father.'],
    );
    const last = call.model.requests.at(-1)?.messages.at(-1);
    assert.equal(last?.role === 'caller' && last.text, 'my son is sick. and I cannot reach his father.');
  });

  test('takes the turn on the interim when the recogniser never commits', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.recogniser.commitDelayMs = undefined;

    await call.says('can you hear me.');
    await call.hearReply();

    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
  });

  test('loses no utterance after one whose final words never came', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.recogniser.commitDelayMs = undefined;
    await call.says('I need some help.');
    await call.hearReply();
    call.recogniser.commitDelayMs = 150;

    await call.says('When is the hearing?');
    await call.hearReply();

    const said = (await call.turns()).filter(({ speaker }) => speaker === 'caller').map(({ text }) => text);
    assert.deepEqual(said, ['I need some help.', 'When is the hearing?']);
    assert.equal(call.model.requests.length, 2);
  });

  test('hears a caller although the recogniser shows words only when they are committed', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.recogniser.nextCommitted = 'can you hear me.';

    await call.cough(900);
    await call.hearReply();

    const callerTurn = (await call.turns()).find(({ speaker }) => speaker === 'caller');
    assert.equal(callerTurn?.text, 'can you hear me.');
  });

  test('keeps a draft whose words were confirmed, and makes no second request', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    await call.says('what should I bring.');
    await call.hearReply();

    assert.equal(call.model.requests.length, 1);
  });

  test('drops a draft when the committed words differ, and counts its tokens as waste', async () => {
    const call = startVirtualCall({ model: () => ({ text: 'Of course.', firstTokenMs: 100 }) });
    await call.hearReply();
    call.recogniser.nextCommitted = 'I need a lawyer for my hearing.';

    await call.says('I need a lawyer for hearing.');
    await call.hearReply();
    await call.hangUp();

    assert.equal(call.model.requests.length, 2);
    const callerTurn = (await call.turns()).find(({ speaker }) => speaker === 'caller');
    assert.equal(callerTurn?.text, 'I need a lawyer for my hearing.');
    assert.ok((call.telemetry.linesOf('cost.call.summary')[0]?.claudeWastedTokens ?? 0) > 0);
  });
});

describe('a speech service that tells no alignment', () => {
  test('still leaves every word that was heard in the record, and of a cut reply about as many as were heard', async () => {
    const call = startVirtualCall({
      model: (_request, nth) => ({
        text: nth === 0 ? 'I hear you. Tell me more.' : 'One two three four five six seven eight nine ten.',
      }),
    });
    call.speech.aligned = false;
    await call.hearReply();
    await call.says('can you count for me.');
    await call.hearReply();
    await call.says('please go on now.');
    await call.clock.advanceUntil(() => call.phone.heard().endsWith('five'));

    await call.says('stop that is enough.');
    await call.hearReply();

    const turns = await call.turns();
    assert.equal(turns[2]?.text, 'I hear you. Tell me more.');
    const cut = turns.find(({ interrupted }) => interrupted);
    assert.ok(cut && 'One two three four five six seven eight nine ten.'.startsWith(cut.text), cut?.text);
    assert.ok(Math.abs(cut.text.split(' ').length - 6) <= 3, cut.text);
  });
});

describe('barge-in', () => {
  const long =
    'Mediation is a talk with a neutral person. It takes about three meetings. Nobody decides for you.';

  test('stops at once, keeps only the words that were heard, and answers the interruption', async () => {
    const call = startVirtualCall({
      model: (_request, nth) => ({ text: nth === 0 ? long : 'About six weeks.' }),
    });
    await call.hearReply();
    await call.says('how does mediation work.');
    await call.clock.advanceUntil(() => call.phone.heard().endsWith('neutral'));

    await call.says('wait how long does it take.');
    await call.hearReply();

    const interrupted = (await call.turns()).find((turn) => turn.interrupted);
    assert.ok(interrupted && long.startsWith(interrupted.text), interrupted?.text);
    assert.ok(interrupted.text.split(' ').length <= 10, interrupted.text);
    assert.match(call.phone.heard(), /About six weeks\.$/);
    assert.doesNotMatch(call.phone.heard(), /Nobody decides/);
    const history = JSON.stringify(call.model.requests.at(-1)?.messages);
    assert.doesNotMatch(history, /Nobody decides/);
  });

  test('resumes at the word where it stopped after a cough', async () => {
    const call = startVirtualCall({ model: () => ({ text: long }) });
    await call.hearReply();
    await call.says('how does mediation work.');
    await call.clock.advanceUntil(() => call.phone.heard().endsWith('neutral'));

    await call.cough(300);
    await call.hearReply();

    const turn = (await call.turns()).at(-1);
    assert.equal(turn?.interrupted, false);
    assert.match(call.phone.heard(), /Nobody decides for you\.$/);
    assert.equal(call.phone.clears(), 1);
  });

  test('does not end for a "mm-hm"', async () => {
    const call = startVirtualCall({ model: () => ({ text: long }) });
    await call.hearReply();
    await call.says('how does mediation work.');
    await call.clock.advanceUntil(() => call.phone.heard().endsWith('neutral'));

    await call.says('mm-hm');
    await call.hearReply();

    assert.match(call.phone.heard(), /Nobody decides for you\.$/);
    assert.equal(
      (await call.turns()).some(({ interrupted }) => interrupted),
      false,
    );
  });

  test('works during the greeting', async () => {
    const call = startVirtualCall();
    await call.clock.advance(1_000);

    await call.says('hello can you help me.');
    await call.hearReply();

    const [first] = await call.turns();
    assert.equal(first?.interrupted, true);
    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
  });
});

describe('tools', () => {
  test('are called, answered, and their result is spoken', async () => {
    const call = startVirtualCall({
      tools: { next_hearing: { content: 'Tuesday at nine' } },
      model: (_request, nth) =>
        nth === 0
          ? { text: 'Let me look.', tools: [{ name: 'next_hearing' }] }
          : { text: 'It is on Tuesday at nine.' },
    });
    await call.hearReply();

    await call.says('when is my next hearing.');
    await call.hearReply();

    assert.match(call.phone.heard(), /Let me look\. It is on Tuesday at nine\.$/);
    const messages = call.model.requests[1]?.messages ?? [];
    const results = messages.find(({ role }) => role === 'tool-results');
    assert.equal(results?.role === 'tool-results' && results.results[0]?.content, 'Tuesday at nine');
    assert.deepEqual(
      (await call.turns()).at(-1)?.tools?.map(({ name, status }) => [name, status]),
      [['next_hearing', 'ok']],
    );
  });

  test('that are slow are bridged by a hold phrase', async () => {
    const call = startVirtualCall({
      tools: { next_hearing: { content: 'Tuesday', afterMs: 3_500 } },
      model: (_request, nth) =>
        nth === 0 ? { tools: [{ name: 'next_hearing' }] } : { text: 'It is on Tuesday.' },
    });
    await call.hearReply();
    const askedAtMs = call.clock.nowMs();

    await call.says('when is my next hearing.');
    await call.clock.advanceUntil(() => call.phone.heard().endsWith('It is on Tuesday.'));

    assert.ok(call.phone.longestSilenceMs(askedAtMs + 2_000, call.clock.nowMs()) <= 3_000);
    assert.ok(call.telemetry.linesOf('call.turn').length >= 1);
  });

  test('end the call when the goodbye was heard', async () => {
    const call = startVirtualCall({
      model: () => ({ text: 'Take good care. Goodbye.', tools: [{ name: 'end_call' }] }),
    });
    await call.hearReply();

    await call.says('thank you goodbye.');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.match(call.phone.heard(), /Take good care\. Goodbye\.$/);
    assert.equal((await call.record())?.outcome, 'completed');
  });
});

describe('silence of the caller', () => {
  test('is met with two gentle questions and a kind goodbye', async () => {
    const call = startVirtualCall();

    await call.clock.advanceUntil(() => call.phone.closed() === 'done', 120_000);

    const heard = call.phone.heard();
    for (const words of [
      phrase('adult', 're-prompt', { variant: 0 }),
      phrase('adult', 're-prompt', { variant: 1 }),
    ])
      assert.ok(heard.includes(words), words);
    assert.ok(heard.endsWith(phrase('adult', 'silence-goodbye', { variant: 0 })));
    assert.equal((await call.record())?.outcome, 'caller-silent');
  });
});

describe('when a vendor fails', () => {
  test('the fallback model answers for one that is overloaded', async () => {
    const call = startVirtualCall({
      model: (_request, nth) => (nth === 0 ? { fails: overloaded() } : { text: 'I am here.' }),
    });
    await call.hearReply();

    await call.says('are you there.');
    await call.hearReply();

    assert.match(call.phone.heard(), /I am here\.$/);
    assert.deepEqual(
      call.model.requests.map(({ model }) => model),
      ['claude-haiku-5-5', 'claude-haiku-4-5'],
    );
    assert.equal(call.telemetry.linesOf('provider.failed').length, 1);
  });

  test('the caller is told, and heard again, when no model answers', async () => {
    let dead = true;
    const call = startVirtualCall({
      model: () => (dead ? { fails: overloaded() } : { text: 'Now I can help.' }),
    });
    await call.hearReply();
    await call.says('can you help me.');
    await call.hearReply();
    assert.ok(
      call.phone.heard().endsWith(phrase('adult', 'model-failed', { variant: 0 })),
      call.phone.heard(),
    );
    dead = false;

    await call.says('please try again.');
    await call.hearReply();

    assert.match(call.phone.heard(), /Now I can help\.$/);
  });

  test('words of danger are answered with the numbers that help, although the model is dead', async () => {
    const call = startVirtualCall({ model: () => ({ fails: overloaded() }) });
    await call.hearReply();
    const askedAtMs = call.clock.nowMs();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'crisis')), call.phone.heard());
    assert.equal((await call.record())?.crisis, true);
    assert.ok(call.phone.longestSilenceMs(askedAtMs + 1_500, call.clock.nowMs() - 500) <= 3_000);
  });

  test('danger is reported by the safety tool, without the caller’s words, whatever the model does', async () => {
    const reports: JsonObject[] = [];
    const call = startVirtualCall({
      tools: { safety_report_concern: { content: 'Reported.', onCall: (input) => reports.push(input) } },
    });
    await call.hearReply();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.equal(reports.length, 1);
    assert.match(String(reports[0]?.['concern']), /harming themselves\. Call CA1+\./);
    assert.ok(call.telemetry.lines.some(({ msg }) => msg === 'crisis.reported'));
  });

  test('danger that cannot be reported leaves a line for whoever is on call', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    await call.says('I want to kill myself.');
    await call.hearReply();

    assert.ok(call.telemetry.lines.some(({ msg }) => msg === 'crisis.unreported'));
  });

  test('a recogniser that is lost is opened again, and the caller is told', async () => {
    const call = startVirtualCall();
    await call.hearReply();

    call.recogniser.fail();
    await call.hearReply();
    await call.says('can you hear me now.');
    await call.hearReply();

    assert.ok(call.phone.heard().includes(phrase('adult', 'not-understood', { variant: 0 })));
    assert.equal(call.recogniser.opened, 2);
    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
  });

  test('a caller whom nobody can hear any more is told so, may press 0 for a person, and is not kept waiting', async () => {
    const call = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await call.hearReply();
    call.recogniser.fail();
    await call.hearReply();

    call.recogniser.fail();
    await call.hearReply();
    const told = call.phone.heard();
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.ok(told.endsWith(phrase('adult', 'cannot-hear-press-0')), told);
    assert.ok(call.phone.heard().endsWith(phrase('adult', 'cannot-hear')));
    assert.equal((await call.record())?.outcome, 'failed');
  });

  test('a caller whom nobody can hear any more reaches a person by pressing 0', async () => {
    const call = startVirtualCall({ settings: { transferTo: '+14155550199' } });
    await call.hearReply();
    for (let losses = 0; losses < 2; losses += 1) {
      call.recogniser.fail();
      await call.hearReply();
    }

    call.session.onDtmf('0');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.equal((await call.record())?.outcome, 'transferred');
  });

  test('a speech service that is dead ends the stream, so that the carrier can speak for us', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.speech.failures = 100;

    await call.says('hello are you there.');
    await call.clock.advanceUntil(() => call.phone.closed() === 'done');

    assert.equal((await call.record())?.outcome, 'failed');
  });

  test('a reply that fails in speech once is followed by a spoken phrase', async () => {
    const call = startVirtualCall();
    await call.hearReply();
    call.speech.failures = 1;

    await call.says('hello are you there.');
    await call.hearReply();

    assert.ok(call.phone.heard().endsWith(phrase('adult', 'model-failed', { variant: 0 })));
  });

  test('a model that never answers is bridged, and in the end given up, without three seconds of silence', async () => {
    const call = startVirtualCall({ model: () => ({ stalls: true }) });
    await call.hearReply();
    const askedAtMs = call.clock.nowMs();

    await call.says('what can I do.');
    await call.clock.advanceUntil(() =>
      call.phone.heard().includes(phrase('adult', 'model-failed', { variant: 0 })),
    );

    assert.ok(call.phone.longestSilenceMs(askedAtMs + 1_500, call.clock.nowMs()) <= 3_000);
  });
});

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

describe('the store', () => {
  test('that is away costs the caller nothing, and the summary line is written all the same', async () => {
    const away = async () => {
      throw new ProviderError('Away', { provider: 'dynamodb', failure: 'unavailable' });
    };
    const store = {
      create: away,
      find: away,
      update: away,
      applyStatus: away,
      finish: away,
      reviseSummary: away,
      putTurn: away,
      turns: async () => [],
      putCostEvents: away,
      costEvents: away,
      list: away,
      listStale: away,
      delete: away,
    };
    const call = startVirtualCall({ store });
    await call.hearReply();
    await call.says('are you there.');
    await call.hearReply();

    await call.hangUp();

    assert.match(call.phone.heard(), /I hear you\. Tell me more\.$/);
    assert.equal(call.telemetry.linesOf('cost.call.summary').length, 1);
  });
});

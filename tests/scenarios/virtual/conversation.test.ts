/** Whole calls on a virtual clock: what the caller hears, and what is kept of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phrase } from '#core/conversation/phrases.ts';
import { personaFor } from '#core/personas/index.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';

const greeting = personaFor('parent').greeting;

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

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createManualClock } from './clocks.ts';
import { cleanUp, heard, listen, open, pieces, rest, speak, start, writable } from './speech-session.ts';

describe('A reply that nobody wants any more', () => {
  afterEach(cleanUp);

  test('a cancelled reply falls silent at once, and nothing of it is heard in the next one', async () => {
    const service = await start({ finishes: false });
    const { session } = open(service);
    const socket = await service.socket(1);
    const first = speak(session, pieces('This is a long answer that nobody wants.'));
    await first.chunks.next();

    first.cancel.abort();
    const after = await first.chunks.next();
    await service.until('the close', () => socket.messages.some(({ close_context }) => close_context));
    const second = speak(session, pieces('Yes?'));
    await service.until('the second', () => socket.textOf('c2') === 'Yes? ');
    socket.speak('c1', 'still speaking');
    socket.final('c1');
    await service.until('its close', () => socket.messages.filter((m) => m['close_context']).length === 2);
    socket.final('c2');

    assert.equal(after.done, true);
    assert.equal(heard(await rest(second.chunks)), 'Yes? ');
    assert.equal(first.speech.charactersSent(), 'This is a long answer that nobody wants. '.length);
    assert.deepEqual(service.violations, []);
  });

  test('a reply cancelled before it had a text costs the vendor nothing', async () => {
    const service = await start();
    const { session } = open(service);
    const socket = await service.socket(1);
    const { text, write } = writable();
    const { speech, cancel, chunks } = speak(session, text);

    cancel.abort();
    write('Too late.');
    const ended = await chunks.next();
    const next = await listen(speak(session, pieces('Next.')).speech);

    assert.equal(ended.done, true);
    assert.equal(speech.charactersSent(), 0);
    assert.equal(heard(next), 'Next. ');
    assert.deepEqual(socket.contextIds(), ['c1']);
  });

  test('a consumer that breaks off cancels the reply', async () => {
    const service = await start({ finishes: false });
    const { session } = open(service);
    const socket = await service.socket(1);
    const { text, write } = writable();
    const { speech } = speak(session, text);
    write('Hello.');

    for await (const _ of speech.chunks) break;

    await service.until('the close', () => socket.messages.some(({ close_context }) => close_context));
  });

  test('thirty replies cancelled in a row never hold more than five contexts, and the next one is heard', async () => {
    const service = await start({ finishes: false });
    const { session } = open(service, { clock: createManualClock() });
    const socket = await service.socket(1);
    let closes = 0;

    for (let n = 1; n <= 30; n += 1) {
      const { cancel, speech } = speak(session, pieces(`Answer ${n}.`));
      await service.until('its text', () => socket.textOf(`c${n}`) !== '');
      cancel.abort();
      closes += 1;
      await service.until(
        'its close',
        () => socket.messages.filter((m) => m['close_context']).length === closes,
      );
      assert.ok(speech.charactersSent() > 0);
      // Each final comes four replies late.
      if (n > 4) socket.final(`c${n - 4}`);
    }
    service.set({});
    const last = await listen(speak(session, pieces('Here I am.')).speech);

    assert.equal(heard(last), 'Here I am. ');
    assert.equal(service.contextsOpenMax(), 5);
    assert.equal(service.sockets.length, 1);
    assert.deepEqual(service.violations, []);
  });

  test('when five cancelled contexts never become final the reply is spoken on a fresh socket', async () => {
    const clock = createManualClock();
    const service = await start({ finishes: false });
    const { session } = open(service, { clock });
    const socket = await service.socket(1);
    for (let n = 1; n <= 5; n += 1) {
      const { cancel } = speak(session, pieces('No.'));
      await service.until('its text', () => socket.textOf(`c${n}`) !== '');
      cancel.abort();
    }
    await service.until('all closed', () => socket.messages.filter((m) => m['close_context']).length === 5);
    service.set({});
    const { chunks } = speak(session, pieces('At last.'));
    await nextTurn();

    clock.advance(300);
    clock.advance(100);

    assert.equal(heard(await rest(chunks)), 'At last. ');
    assert.equal(service.sockets.length, 2);
    assert.deepEqual(service.violations, []);
  });

  test('a reply waits for a cancelled context to be final when all five are taken', async () => {
    const service = await start({ finishes: false });
    const { session } = open(service, { clock: createManualClock() });
    const socket = await service.socket(1);
    for (let n = 1; n <= 5; n += 1) {
      const { cancel } = speak(session, pieces('No.'));
      await service.until('its text', () => socket.textOf(`c${n}`) !== '');
      cancel.abort();
    }
    const { chunks } = speak(session, pieces('At last.'));
    await service.until('all closed', () => socket.messages.filter((m) => m['close_context']).length === 5);

    service.set({});
    socket.final('c3');

    assert.equal(heard(await rest(chunks)), 'At last. ');
    assert.equal(service.sockets.length, 1);
    assert.deepEqual(service.violations, []);
  });

  test('many cancelled replies that the service is slow to end do not use up its patience', async () => {
    const clock = createManualClock();
    const service = await start({ finishes: false });
    const { session } = open(service, { clock });
    let contexts = 0;

    for (let socketNumber = 1; socketNumber <= 5; socketNumber += 1) {
      const socket = await service.socket(socketNumber);
      for (let n = 1; n <= 5; n += 1) {
        contexts += 1;
        const id = `c${contexts}`;
        const { cancel } = speak(session, pieces('No.'));
        await service.until('its text', () => socket.textOf(id) !== '');
        cancel.abort();
      }
      const waiting = speak(session, pieces('Wait.'));
      await nextTurn();
      clock.advance(300);
      clock.advance(100);
      waiting.cancel.abort();
    }
    service.set({});

    assert.equal(heard(await listen(speak(session, pieces('Here.')).speech)), 'Here. ');
    assert.equal(service.sockets.length, 6);
    assert.deepEqual(service.violations, []);
  });

  test('a reply can begin while another is being cancelled', async () => {
    const service = await start();
    const { session } = open(service);
    const slow = writable();
    const first = speak(session, slow.text);
    slow.write('First.');
    await first.chunks.next();

    const second = speak(session, pieces('Second.'));
    first.cancel.abort();

    assert.equal(heard(await listen(second.speech)), 'Second. ');
    assert.deepEqual(await rest(first.chunks), []);
  });
});

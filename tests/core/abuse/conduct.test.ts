import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressGroup } from '#core/abuse/address-group.ts';
import { beginCall, type Conduct, conductRules, endCall, newConduct } from '#core/abuse/conduct.ts';
import { refusalWords } from '#core/abuse/refusal-words.ts';

const startMs = Date.parse('2026-11-21T12:00:00Z');
const minuteMs = 60_000;

/** A caller over time: each call begins so many seconds after the one before has ended. */
function createCaller() {
  let conduct: Conduct = newConduct;
  let nowMs = startMs;
  let calls = 0;
  return {
    call(
      durationSecs: number,
      options: { readonly role?: string; readonly pauseSecs?: number; readonly silent?: boolean } = {},
    ): boolean {
      nowMs += (options.pauseSecs ?? 180) * 1000;
      calls += 1;
      const callSid = `CA${calls}`;
      const role = options.role ?? 'parent';
      const begun = beginCall(conduct, nowMs);
      conduct = begun.conduct;
      if (!begun.admitted) return false;
      const startedAtMs = nowMs;
      nowMs += durationSecs * 1000;
      const heardAnything = !options.silent;
      conduct = endCall(conduct, { callSid, role, startedAtMs, durationSecs, heardAnything, nowMs });
      return true;
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
    isSuspicious: () => (conduct.suspiciousUntilMs ?? 0) > nowMs,
    isBlocked: () => (conduct.blockedUntilMs ?? 0) > nowMs,
    again: () => {
      const callSid = `CA${calls}`;
      const ending = { role: 'parent', startedAtMs: nowMs, durationSecs: 7, heardAnything: true, nowMs };
      conduct = endCall(conduct, { callSid, ...ending });
    },
  };
}

describe('The end of a call', () => {
  test('counts once, though it is told again after a later call has ended', () => {
    const ending = (callSid: string, startedAtMs: number) =>
      ({
        callSid,
        role: 'parent',
        startedAtMs,
        durationSecs: 7,
        heardAnything: true,
        nowMs: startMs,
      }) as const;
    const first = endCall(newConduct, ending('CA1', startMs));
    const second = endCall(first, ending('CA2', startMs + 10 * minuteMs));

    assert.equal(endCall(second, ending('CA1', startMs)), second);
    assert.equal(endCall(second, ending('CA2', startMs + 10 * minuteMs)), second);
  });
});

describe('A caller who begins and drops calls', () => {
  test('three times in a row is suspicious', () => {
    const caller = createCaller();

    caller.call(7);
    caller.call(7);
    const before = caller.isSuspicious();
    caller.call(7);

    assert.deepEqual([before, caller.isSuspicious(), caller.isBlocked()], [false, true, false]);
  });

  test('is then answered twice in fifteen minutes, and after that not for an hour', () => {
    const caller = createCaller();
    for (let i = 0; i < 3; i += 1) caller.call(7);

    const answered = [caller.call(60), caller.call(60), caller.call(60)];
    caller.wait(conductRules.blockMs - 5 * minuteMs);
    const early = caller.call(60);
    caller.wait(5 * minuteMs);
    const later = caller.call(60);

    assert.deepEqual(answered, [true, true, false]);
    assert.deepEqual([early, later, caller.isSuspicious()], [false, true, true]);
  });

  test('again while suspicious is not answered for an hour', () => {
    const caller = createCaller();
    for (let i = 0; i < 3; i += 1) caller.call(7, { pauseSecs: 1_000 });
    for (let i = 0; i < 3; i += 1) caller.call(7, { pauseSecs: 1_000 });

    assert.equal(caller.isBlocked(), true);
  });

  test('but talks in between is not', () => {
    const caller = createCaller();
    for (let i = 0; i < 10; i += 1) {
      caller.call(7);
      caller.call(60);
    }

    assert.equal(caller.isSuspicious(), false);
  });

  test('is forgiven after a quiet day', () => {
    const caller = createCaller();
    for (let i = 0; i < 3; i += 1) caller.call(7);
    caller.wait(conductRules.suspicionMs);

    assert.equal(caller.isSuspicious(), false);
    assert.deepEqual([caller.call(60), caller.call(60), caller.call(60)], [true, true, true]);
  });
});

describe('What is not meant', () => {
  test('a slip of the finger, now and then', () => {
    const caller = createCaller();
    for (let i = 0; i < 10; i += 1) {
      caller.call(2);
      caller.call(60);
    }

    assert.equal(caller.isSuspicious(), false);
  });

  test('slips in a row do count, all but the first', () => {
    const caller = createCaller();
    for (let i = 0; i < 3; i += 1) caller.call(2);
    const afterThree = caller.isSuspicious();
    caller.call(2);

    assert.deepEqual([afterThree, caller.isSuspicious()], [false, true]);
  });

  test('trying one persona after the other', () => {
    const caller = createCaller();
    for (const role of ['parent', 'judge', 'attorney', 'therapist', 'mediator', 'gal'])
      caller.call(7, { role, pauseSecs: 5 });

    assert.equal(caller.isSuspicious(), false);
  });

  test('calling again right after a conversation was cut off', () => {
    const caller = createCaller();
    for (let i = 0; i < 5; i += 1) {
      caller.call(60);
      caller.call(7, { pauseSecs: 30 });
    }

    assert.equal(caller.isSuspicious(), false);
  });

  test('one end that is told twice', () => {
    const caller = createCaller();
    caller.call(7);
    for (let i = 0; i < 5; i += 1) caller.again();

    assert.equal(caller.isSuspicious(), false);
  });
});

test('a call in which nothing was ever heard makes suspicious', () => {
  const caller = createCaller();
  caller.call(60, { silent: true });

  assert.equal(caller.isSuspicious(), true);
});

test('whoever is not answered hears where help is, and when to come back', () => {
  for (const audience of ['adult', 'child'] as const) {
    const words = refusalWords(audience, 3_600);

    assert.match(words, /nine one one/);
    assert.match(words, /nine eight eight/);
    assert.match(words, /in about an hour/);
  }
  assert.match(refusalWords('adult', 12 * 60), /in about 12 minutes/);
});

test('addresses of one IPv6 network count as one, and IPv4 as it is', () => {
  assert.equal(addressGroup('2001:db8:1:2:aaaa::1'), addressGroup('2001:0DB8:0001:0002:ffff:1:2:3'));
  assert.notEqual(addressGroup('2001:db8:1:2::1'), addressGroup('2001:db8:1:3::1'));
  assert.equal(addressGroup('::1'), '0:0:0:0::/64');
  assert.equal(addressGroup('203.0.113.7'), '203.0.113.7');
  assert.equal(addressGroup('::ffff:203.0.113.7'), '203.0.113.7');
});

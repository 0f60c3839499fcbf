import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Conduct } from '#core/abuse/conduct.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import type { CallerGate, Knock } from '#core/ports/caller-gate.ts';
import { inboundPerCaller } from '#core/rate-limits/rules.ts';

export interface GateSubject {
  readonly gate: CallerGate;
  /** A caller nobody has heard of. */
  readonly callerHash: string;
  nowMs(): number;
  advance(ms: number): void;
  block(until?: Date): Promise<void>;
  behave(conduct: Conduct): Promise<void>;
}

const sid = (n: number): CallSid => callSidSchema.parse(`CA${String(n).padStart(32, '0')}`);
const isLetIn = (knock: Knock): boolean => knock.kind === 'counted' && knock.decision.allowed;
const hourMs = 3_600_000;

export function describeCallerGateContract(name: string, makeSubject: () => Promise<GateSubject>): void {
  const rule = inboundPerCaller(3);

  describe(`The gate for callers: ${name}`, () => {
    test('counts each call, and says how many more there may be', async () => {
      const { gate, callerHash } = await makeSubject();

      const knocks = [];
      for (let n = 1; n <= 4; n += 1) knocks.push(await gate.knock({ callSid: sid(n), callerHash }, rule));

      assert.deepEqual(knocks.map(isLetIn), [true, true, true, false]);
      const left = knocks.map((knock) => (knock.kind === 'counted' ? knock.decision.remaining : undefined));
      assert.deepEqual(left, [2, 1, 0, 0]);
    });

    test('lets the caller in again when the hour is over', async () => {
      const { gate, callerHash, advance } = await makeSubject();
      for (let n = 1; n <= 4; n += 1) await gate.knock({ callSid: sid(n), callerHash }, rule);

      advance(1.1 * hourMs);

      assert.ok(isLetIn(await gate.knock({ callSid: sid(5), callerHash }, rule)));
    });

    test('lets a caller who is over the limit of one number in on another that allows more', async () => {
      const { gate, callerHash } = await makeSubject();
      for (let n = 1; n <= 5; n += 1) await gate.knock({ callSid: sid(n), callerHash }, rule);

      const crisisLine = await gate.knock({ callSid: sid(6), callerHash }, inboundPerCaller(1_000));
      const usual = await gate.knock({ callSid: sid(7), callerHash }, rule);

      assert.ok(isLetIn(crisisLine));
      assert.ok(!isLetIn(usual));
    });

    test('counts a call once, however often its webhook comes', async () => {
      const { gate, callerHash } = await makeSubject();

      const kinds = [];
      for (let n = 0; n < 10; n += 1)
        kinds.push((await gate.knock({ callSid: sid(1), callerHash }, rule)).kind);
      const next = await gate.knock({ callSid: sid(2), callerHash }, rule);

      assert.deepEqual(kinds, ['counted', ...Array<string>(9).fill('repeated')]);
      assert.ok(next.kind === 'counted' && next.decision.remaining === 1);
    });

    test('knows nothing of a new caller, and of another how they behaved', async () => {
      const { gate, callerHash, behave } = await makeSubject();
      const conduct: Conduct = { cycles: 2, admittedAtMs: [1, 2], endedRole: 'parent' };

      const before = await gate.knock({ callSid: sid(1), callerHash }, rule);
      await behave(conduct);
      const after = await gate.knock({ callSid: sid(2), callerHash }, rule);
      const again = await gate.knock({ callSid: sid(2), callerHash }, rule);

      assert.equal(before.kind === 'counted' && before.conduct, undefined);
      assert.deepEqual(after.kind === 'counted' && after.conduct, conduct);
      assert.deepEqual(again.kind === 'repeated' && again.conduct, conduct);
    });

    test('does not count a caller who is shut out, so that the hour is theirs when that is over', async () => {
      const { gate, callerHash, behave, nowMs, advance } = await makeSubject();
      const conduct: Conduct = { cycles: 0, admittedAtMs: [], blockedUntilMs: nowMs() + 60_000 };
      await behave(conduct);

      const knocks = [];
      for (let n = 1; n <= 5; n += 1) knocks.push(await gate.knock({ callSid: sid(n), callerHash }, rule));
      advance(61_000);
      const later = await gate.knock({ callSid: sid(6), callerHash }, rule);

      for (const knock of knocks) assert.deepEqual(knock, { kind: 'shut-out', conduct });
      assert.equal(later.kind === 'counted' && later.decision.remaining, 2);
    });

    test('is shut for a blocked caller until the block is over, and nothing is counted', async () => {
      const { gate, callerHash, block, nowMs, advance } = await makeSubject();
      await block(new Date(nowMs() + 60_000));

      const kinds = [];
      for (let n = 1; n <= 5; n += 1)
        kinds.push((await gate.knock({ callSid: sid(n), callerHash }, rule)).kind);
      advance(61_000);
      const later = await gate.knock({ callSid: sid(6), callerHash }, rule);

      assert.deepEqual(new Set(kinds), new Set(['blocked']));
      assert.equal(later.kind === 'counted' && later.decision.remaining, 2);
    });

    test('is shut for ever for a caller who is blocked for ever', async () => {
      const { gate, callerHash, block, advance } = await makeSubject();
      await gate.knock({ callSid: sid(1), callerHash }, rule);
      await block();

      advance(1_000 * 24 * hourMs);

      assert.equal((await gate.knock({ callSid: sid(2), callerHash }, rule)).kind, 'blocked');
    });

    test('lets no more in than the limit when many knock at once', async () => {
      const { gate, callerHash } = await makeSubject();

      const knocks = await Promise.all(
        Array.from({ length: 30 }, (_, n) => gate.knock({ callSid: sid(n + 1), callerHash }, rule)),
      );

      assert.equal(knocks.filter(isLetIn).length, 3);
    });
  });
}

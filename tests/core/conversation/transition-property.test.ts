/** What must hold for any order of events: nobody waits for ever, the past changes nothing, an end is an end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultConversationSettings as settings } from '#core/conversation/settings.ts';
import type { CallEvent, Conversation, Effect, TimerName } from '#core/conversation/state.ts';
import { newConversation, transition } from '#core/conversation/transition.ts';
import type { TurnId } from '#core/ids.ts';
import { createRandom, type Random } from '#tests/support/random.ts';

const sequences = 3_000;
const eventsPerSequence = 60;

/** What the effects so far have set going in the world around the conversation. */
interface World {
  readonly timers: Set<TimerName>;
  /** Turns started and neither cancelled, failed nor heard to their end. */
  readonly active: Set<TurnId>;
  readonly drafts: Set<TurnId>;
  readonly cancelled: Set<TurnId>;
  playbackHeld: boolean;
  /** What the voice detector last told: it never tells an end before a beginning. */
  voice: 'silent' | 'started' | 'sustained';
  ends: number;
}

const newWorld = (): World => ({
  timers: new Set(),
  active: new Set(),
  drafts: new Set(),
  cancelled: new Set(),
  playbackHeld: false,
  voice: 'silent',
  ends: 0,
});

function carryOut(world: World, effect: Effect): void {
  if (effect.type === 'set-timer') world.timers.add(effect.timer);
  if (effect.type === 'clear-timer') world.timers.delete(effect.timer);
  if (effect.type === 'say' || effect.type === 'start-reply') world.active.add(effect.turn);
  if (effect.type === 'start-reply' && effect.draft) world.drafts.add(effect.turn);
  if (effect.type === 'confirm-reply') world.drafts.delete(effect.turn);
  if (effect.type === 'hold-playback') world.playbackHeld = true;
  if (effect.type === 'resume-playback') world.playbackHeld = false;
  if (effect.type === 'cancel-reply') {
    world.active.delete(effect.turn);
    world.drafts.delete(effect.turn);
    world.cancelled.add(effect.turn);
    world.playbackHeld = false;
  }
  if (effect.type === 'end-call') world.ends += 1;
}

const utterances = [
  'mhm',
  'stop',
  'my hearing',
  'my hearing is on Monday.',
  'and',
  '',
  '(coughs)',
  'I want to die',
];
const timerNames: readonly TimerName[] = [
  'endpoint',
  'commit',
  'held',
  'hold-phrase',
  'silence',
  'utterance',
];

function turnEvent(random: Random, turn: TurnId, atMs: number): CallEvent {
  return random.pick<CallEvent>([
    { type: 'tool-started', turn, tool: 'lookup', atMs },
    { type: 'reply-audio-started', turn, atMs },
    { type: 'reply-completed', turn, spoke: random.next() < 0.8, atMs },
    { type: 'reply-failed', turn, atMs },
    { type: 'end-requested', turn, atMs },
    { type: 'transfer-requested', turn, to: '+14155550100', atMs },
    { type: 'playback-finished', turn, atMs },
    { type: 'playback-finished', turn, atMs },
  ]);
}

function callerEvent(random: Random, world: World, atMs: number): CallEvent {
  const text = random.pick(utterances);
  const stopped: CallEvent = { type: 'caller-speech-stopped', atMs, lastSpeechAtMs: atMs - 160 };
  const voiceEvents: Record<World['voice'], readonly CallEvent[]> = {
    silent: [{ type: 'caller-speech-started', atMs }],
    started: [{ type: 'caller-speech-sustained', atMs }, stopped],
    sustained: [stopped],
  };
  return random.pick<CallEvent>([
    random.pick(voiceEvents[world.voice]),
    random.pick(voiceEvents[world.voice]),
    random.pick(voiceEvents[world.voice]),
    { type: 'interim-transcribed', text, atMs },
    { type: 'utterance-committed', text, atMs },
    { type: 'timer-fired', timer: random.pick([...world.timers, ...timerNames]), atMs },
    { type: 'timer-fired', timer: random.pick([...world.timers, ...timerNames]), atMs },
    { type: 'dtmf-pressed', digit: '5', atMs },
  ]);
}

function rareEvent(random: Random, atMs: number): CallEvent {
  return random.pick<CallEvent>([
    { type: 'stream-started', atMs },
    { type: 'dtmf-pressed', digit: '0', atMs },
    { type: 'recogniser-lost', atMs },
    { type: 'wrap-up-requested', reason: random.pick(['drained', 'max-duration', 'over-budget']), atMs },
    { type: 'time-nearly-over', atMs },
    { type: 'speech-lost', atMs },
    { type: 'stream-ended', atMs },
  ]);
}

function anyEvent(random: Random, world: World, atMs: number): CallEvent {
  const chance = random.next();
  const turns = [...world.active, ...world.cancelled];
  // A draft is not heard and tells nothing of itself before it is confirmed.
  const telling = turns.filter((turn) => !world.drafts.has(turn));
  if (chance < 0.03) return rareEvent(random, atMs);
  if (chance >= 0.35 || telling.length === 0) return callerEvent(random, world, atMs);
  const event = turnEvent(random, random.pick(telling), atMs);
  // Nothing begins and nothing is heard to its end while playback is held.
  const needsPlayback = event.type === 'reply-audio-started' || event.type === 'playback-finished';
  return needsPlayback && world.playbackHeld ? callerEvent(random, world, atMs) : event;
}

function happened(world: World, event: CallEvent): void {
  if (event.type === 'caller-speech-started') world.voice = 'started';
  if (event.type === 'caller-speech-sustained') world.voice = 'sustained';
  if (event.type === 'caller-speech-stopped') world.voice = 'silent';
  if (event.type === 'timer-fired') world.timers.delete(event.timer);
}

function assertSomebodyHasTheFloor(state: Conversation, world: World, trail: string): void {
  if (state.phase === 'connecting' || state.phase === 'ended') return;
  const speaking = state.phase === 'speaking' && world.active.has(state.turn) && !world.playbackHeld;
  assert.ok(speaking || world.timers.size > 0, `nobody has the floor: ${trail}`);
  if ('turn' in state) assert.ok(world.active.has(state.turn), `its turn is not being made: ${trail}`);
  if (state.phase === 'listening' || state.phase === 'committing')
    assert.deepEqual(
      [...world.active].filter((turn) => turn !== state.draft?.turn && world.drafts.has(turn)),
      [],
      `a draft is forgotten: ${trail}`,
    );
}

function stepOf(state: Conversation, event: CallEvent, world: World, trail: string): Conversation {
  const wasCancelled = 'turn' in event && world.cancelled.has(event.turn);
  happened(world, event);
  const next = transition(state, event, settings);
  if (wasCancelled || state.phase === 'ended')
    assert.deepEqual(next, { state, effects: [] }, `what is over changed something: ${trail}`);
  for (const effect of next.effects) carryOut(world, effect);
  return next.state;
}

/** Runs one random call. @returns what the world looks like after it. */
function runSequence(seed: number): World {
  const random = createRandom(seed);
  const world = newWorld();
  let atMs = 0;
  let state = stepOf(newConversation, { type: 'stream-started', atMs }, world, 'start');
  const trail: string[] = [`seed ${seed}`];
  for (let i = 0; i < eventsPerSequence; i += 1) {
    atMs += random.whole(0, 699);
    const event = anyEvent(random, world, atMs);
    const before = state.phase;
    // A timer that is not set cannot fire.
    if (event.type === 'timer-fired' && !world.timers.has(event.timer)) continue;
    trail.push(`${before} ← ${event.type}${'timer' in event ? `:${event.timer}` : ''}`);
    state = stepOf(state, event, world, trail.slice(-6).join(', '));
    assertSomebodyHasTheFloor(state, world, trail.slice(-6).join(', '));
    assert.equal(world.ends, state.phase === 'ended' ? 1 : 0, `ends: ${trail.slice(-6).join(', ')}`);
  }
  return world;
}

describe('any order of events', () => {
  test('leaves the floor to somebody, lets no cancelled turn change anything, and ends at most once', () => {
    let ended = 0;
    for (let seed = 1; seed <= sequences; seed += 1) ended += runSequence(seed).ends;

    assert.ok(ended > sequences / 10, 'too few of the calls came to an end');
    assert.ok(ended < sequences, 'every call came to an end');
  });
});

/** The whole table: every phase with every event. What a row does not name stays as it is, without effect. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newLive, thenListen } from '#core/conversation/moves.ts';
import { defaultConversationSettings as settings } from '#core/conversation/settings.ts';
import type { CallEvent, Conversation, Phase } from '#core/conversation/state.ts';
import { transition } from '#core/conversation/transition.ts';
import { turnId } from '#core/ids.ts';

const turn = turnId(1);
const other = turnId(9);
const live = { ...newLive, nextTurn: turnId(2) };
const atMs = 10_000;

const states: Record<Phase, Conversation> = {
  connecting: { phase: 'connecting' },
  listening: { ...live, phase: 'listening', draft: undefined, drafts: 0 },
  committing: {
    ...live,
    phase: 'committing',
    draft: undefined,
    hearing: { ...live.hearing, interim: 'my hearing is on Monday' },
  },
  thinking: {
    ...live,
    phase: 'thinking',
    turn,
    utterance: 'my hearing is on Monday',
    holds: 0,
    tool: undefined,
    held: false,
    after: thenListen,
  },
  speaking: { ...live, phase: 'speaking', turn, source: 'reply', after: thenListen },
  held: { ...live, phase: 'held', turn, source: 'reply', after: thenListen, waits: 0 },
  ended: { phase: 'ended', outcome: 'completed' },
};

const events = {
  'stream-started': { type: 'stream-started', atMs },
  'speech-started': { type: 'caller-speech-started', atMs },
  'speech-sustained': { type: 'caller-speech-sustained', atMs },
  'speech-stopped': { type: 'caller-speech-stopped', atMs, lastSpeechAtMs: atMs },
  'interim words': { type: 'interim-transcribed', text: 'no wait.', atMs },
  'interim mhm': { type: 'interim-transcribed', text: 'mhm', atMs },
  'committed words': { type: 'utterance-committed', text: 'no wait.', atMs },
  'committed nothing': { type: 'utterance-committed', text: '', atMs },
  'key 5': { type: 'dtmf-pressed', digit: '5', atMs },
  'key 0': { type: 'dtmf-pressed', digit: '0', atMs },
  'tool-started': { type: 'tool-started', turn, tool: 'lookup', atMs },
  'reply-audio-started': { type: 'reply-audio-started', turn, atMs },
  'reply-completed': { type: 'reply-completed', turn, spoke: true, atMs },
  'reply-completed wordless': { type: 'reply-completed', turn, spoke: false, atMs },
  'reply-failed': { type: 'reply-failed', turn, atMs },
  'reply-failed of another turn': { type: 'reply-failed', turn: other, atMs },
  'playback-finished of another turn': { type: 'playback-finished', turn: other, atMs },
  'end-requested': { type: 'end-requested', turn, atMs },
  'transfer-requested': { type: 'transfer-requested', turn, to: '+14155550100', atMs },
  'playback-finished': { type: 'playback-finished', turn, atMs },
  'speech-lost': { type: 'speech-lost', atMs },
  'recogniser-lost': { type: 'recogniser-lost', atMs },
  'wrap-up': { type: 'wrap-up-requested', reason: 'drained', atMs },
  'endpoint fired': { type: 'timer-fired', timer: 'endpoint', atMs },
  'commit fired': { type: 'timer-fired', timer: 'commit', atMs },
  'held fired': { type: 'timer-fired', timer: 'held', atMs },
  'hold-phrase fired': { type: 'timer-fired', timer: 'hold-phrase', atMs },
  'silence fired': { type: 'timer-fired', timer: 'silence', atMs },
  'utterance fired': { type: 'timer-fired', timer: 'utterance', atMs },
  'stream-ended': { type: 'stream-ended', atMs },
} as const satisfies Record<string, CallEvent>;
type EventName = keyof typeof events;

/** The next phase and the effects in order; timers as `+name` and `-name`. */
type Row = `${Phase}:${string}`;

function rowOf(phase: Phase, name: EventName): Row {
  const { state, effects } = transition(states[phase], events[name], settings);
  const words = effects.map((effect) => {
    if (effect.type === 'set-timer') return `+${effect.timer}`;
    if (effect.type === 'clear-timer') return `-${effect.timer}`;
    if (effect.type === 'say') return `say ${effect.phrase}`;
    if (effect.type === 'end-call') return `end-call ${effect.outcome}`;
    return effect.type;
  });
  return `${state.phase}: ${words.join(', ')}`.trim() as Row;
}

const table: Record<Phase, Partial<Record<EventName, Row>>> = {
  connecting: {
    'stream-started': 'speaking: say greeting',
    'stream-ended': 'ended: end-call failed',
  },
  listening: {
    'speech-started': 'listening: -silence, -endpoint, +utterance',
    'speech-stopped': 'listening: -utterance, +silence',
    'interim words': 'listening: -utterance, -silence, +endpoint, start-reply',
    'interim mhm': 'listening: -utterance, -silence, +endpoint, start-reply',
    'committed words': 'listening: -utterance, -silence, +endpoint, start-reply',
    'committed nothing': 'listening: -utterance, +silence',
    'key 5': 'listening: +silence',
    'key 0': 'speaking: -endpoint, -silence, -utterance, say transfer-unavailable',
    'speech-lost': 'ended: -endpoint, -silence, -utterance, end-call failed',
    'recogniser-lost': 'speaking: -endpoint, -silence, -utterance, reopen-recogniser, say not-understood',
    'wrap-up': 'speaking: -endpoint, -silence, -utterance, say drain-goodbye',
    'silence fired': 'speaking: -endpoint, -silence, -utterance, say re-prompt',
    'utterance fired': 'speaking: -endpoint, -silence, -utterance, say re-prompt',
    'stream-ended': 'ended: -endpoint, -silence, -utterance, end-call completed',
  },
  committing: {
    'speech-started': 'listening: -commit, +utterance',
    'committed words': 'thinking: -commit, note-utterance, start-reply, +hold-phrase',
    'committed nothing': 'thinking: -commit, note-utterance, start-reply, +hold-phrase',
    'key 0': 'speaking: -commit, say transfer-unavailable',
    'speech-lost': 'ended: -commit, end-call failed',
    'recogniser-lost': 'speaking: -commit, reopen-recogniser, say not-understood',
    'commit fired': 'thinking: -commit, note-utterance, start-reply, +hold-phrase',
    'stream-ended': 'ended: -commit, note-utterance, end-call completed',
  },
  thinking: {
    'speech-started': 'thinking: hold-playback, -held',
    'speech-stopped': 'thinking: +held',
    'interim words': 'listening: -hold-phrase, -held, cancel-reply, +endpoint',
    'committed words': 'listening: -hold-phrase, -held, cancel-reply, +endpoint',
    'key 0': 'speaking: -hold-phrase, -held, cancel-reply, say transfer-unavailable',
    'reply-audio-started': 'speaking: -hold-phrase, -held',
    'reply-completed wordless': 'speaking: -hold-phrase, -held, cancel-reply, say model-failed',
    'reply-failed': 'speaking: -hold-phrase, -held, cancel-reply, say model-failed',
    'speech-lost': 'ended: -hold-phrase, -held, cancel-reply, end-call failed',
    'recogniser-lost': 'speaking: -hold-phrase, -held, cancel-reply, reopen-recogniser, say not-understood',
    'held fired': 'thinking: resume-playback',
    'hold-phrase fired': 'thinking: say-hold, +hold-phrase',
    'stream-ended': 'ended: -hold-phrase, -held, cancel-reply, end-call completed',
  },
  speaking: {
    'speech-sustained': 'held: hold-playback, +held',
    'interim words': 'listening: cancel-reply, +endpoint',
    'committed words': 'listening: cancel-reply, +endpoint',
    'key 0': 'speaking: cancel-reply, say transfer-unavailable',
    'reply-failed': 'speaking: say model-failed',
    'playback-finished': 'listening: +silence',
    'speech-lost': 'ended: cancel-reply, end-call failed',
    'recogniser-lost': 'speaking: cancel-reply, reopen-recogniser, say not-understood',
    'stream-ended': 'ended: cancel-reply, end-call completed',
  },
  held: {
    'speech-stopped': 'held: commit-utterance, +held',
    'interim words': 'listening: -held, cancel-reply, +endpoint',
    'committed words': 'listening: -held, cancel-reply, +endpoint',
    'key 0': 'speaking: -held, cancel-reply, say transfer-unavailable',
    'reply-failed': 'speaking: -held, resume-playback, say model-failed',
    'playback-finished': 'listening: -held, +silence',
    'speech-lost': 'ended: -held, cancel-reply, end-call failed',
    'recogniser-lost': 'speaking: -held, cancel-reply, reopen-recogniser, say not-understood',
    'held fired': 'speaking: -held, resume-playback',
    'stream-ended': 'ended: -held, cancel-reply, end-call completed',
  },
  ended: {},
};

for (const phase of Object.keys(states) as Phase[])
  describe(`while ${phase}`, () => {
    for (const name of Object.keys(events) as EventName[]) {
      const expected = table[phase][name] ?? `${phase}:`;
      test(`${name} → ${expected}`, () => {
        assert.equal(rowOf(phase, name), expected);
      });
    }
  });

describe('what an event leaves behind without effect', () => {
  test('an event of another turn, and any event after the end, leave the state as it was', () => {
    for (const phase of ['thinking', 'speaking', 'held'] as const)
      assert.equal(
        transition(states[phase], events['playback-finished of another turn'], settings).state,
        states[phase],
      );
    for (const event of Object.values(events))
      assert.equal(transition(states.ended, event, settings).state, states.ended);
  });

  test('a goodbye that was asked for ends the call once it was heard', () => {
    const asked = transition(states.speaking, events['end-requested'], settings).state;
    const heard = transition(asked, events['playback-finished'], settings);

    assert.deepEqual(heard.state, { phase: 'ended', outcome: 'completed' });
    assert.deepEqual(heard.effects, [{ type: 'end-call', outcome: 'completed' }]);
  });

  test('words of danger keep a call from being wrapped up', () => {
    const inDanger: Conversation = { ...live, crisis: true, phase: 'listening', draft: undefined, drafts: 0 };

    assert.deepEqual(transition(inDanger, events['wrap-up'], settings), { state: inDanger, effects: [] });
  });
});

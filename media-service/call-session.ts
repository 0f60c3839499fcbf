/** One call: its parts put together, from the first frame to the closed record. */
import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { safetyReport, safetyToolName } from '#core/conversation/call-tools.ts';
import type { CrisisKind } from '#core/conversation/crisis.ts';
import type { CallEvent, Effect, TimerName, WrapUpReason } from '#core/conversation/state.ts';
import { limits } from '#core/limits.ts';
import { personaFor } from '#core/personas/index.ts';
import type { MediaStream, StreamStart } from '#core/ports/media-stream.ts';
import { type CallAccount, createCallAccount } from './call-account.ts';
import { type CallBudget, createCallBudget } from './call-budget.ts';
import type { CallDependencies } from './call-dependencies.ts';
import { type CallFile, createCallFile } from './call-file.ts';
import type { CallPast } from './call-past.ts';
import { createEventLoop } from './event-loop.ts';
import { createFailureReport } from './failure-report.ts';
import { createListening, type Listening } from './listening.ts';
import { createSpeaking, type Speaking } from './speaking.ts';
import { createTimers, type Timers } from './timers.ts';
import { createTurnJournal, type TurnJournal } from './turn-journal.ts';

export interface CallSession {
  onMedia(audio: MulawAudio): void;
  onMark(name: string): void;
  onDtmf(digit: string): void;
  /** The phone side is gone. */
  onStreamEnd(): void;
  /** Brings the call to a polite end after the present exchange. */
  wrapUp(reason: WrapUpReason): void;
  /** Resolves when the record is closed and every socket of the call too. Never rejects. */
  readonly done: Promise<void>;
}

export interface NewCall {
  readonly claims: StreamClaims;
  readonly start: StreamStart;
  readonly stream: MediaStream;
  /** What an earlier stream of the same call left. */
  readonly past?: CallPast | undefined;
}

type CallTimerName = TimerName | 'alive' | 'costs' | 'costs-soon' | 'time-warning' | 'max-duration';

interface Parts extends NewCall {
  readonly deps: CallDependencies;
  readonly abort: AbortController;
  readonly startedAtMs: number;
  readonly timers: Timers<CallTimerName>;
  readonly journal: TurnJournal;
  readonly account: CallAccount;
  readonly budget: CallBudget;
  readonly file: CallFile;
  readonly listening: Listening;
  readonly speaking: Speaking;
  readonly onFailure: (error: unknown) => void;
  readonly resolveDone: () => void;
}

export function startCall(deps: CallDependencies, call: NewCall): CallSession {
  const { clock } = deps;
  const { promise: done, resolve: resolveDone } = Promise.withResolvers<void>();
  const transferTo = call.claims.transferTo ?? deps.settings.transferTo;
  const conversation = { ...deps.settings.conversation, ...(transferTo === undefined ? {} : { transferTo }) };
  const dispatch = createEventLoop(
    conversation,
    (effect) => perform(parts, effect),
    createFailureReport(deps.telemetry, call.claims.callSid),
  );
  const parts = createParts(deps, call, { dispatch, resolveDone, transferTo });
  const { listening, speaking, timers } = parts;
  void parts.file.open();
  tellOfStart(parts);
  timers.set('alive', limits.aliveEveryMs);
  const { maxSecs } = call.claims;
  const ownMaxMs = maxSecs === undefined ? deps.settings.callMaxMs : maxSecs * 1000;
  const maxMs = Math.min(deps.settings.callMaxMs, ownMaxMs);
  timers.set('max-duration', maxMs);
  // A leg and a stream are billed from their first moment.
  countCosts(parts);
  // A call as short as this would be warned before it was greeted.
  if (maxMs >= 2 * limits.timeWarningBeforeMs) timers.set('time-warning', maxMs - limits.timeWarningBeforeMs);
  dispatch({ type: 'stream-started', returning: call.claims.returning === true, atMs: clock.nowMs() });
  return {
    onMedia: (audio) => listening.onMedia(audio),
    onMark: (name) => speaking.onMark(name),
    onDtmf: (digit) => dispatch({ type: 'dtmf-pressed', digit, atMs: clock.nowMs() }),
    onStreamEnd: () => dispatch({ type: 'stream-ended', atMs: clock.nowMs() }),
    wrapUp: (reason) => dispatch({ type: 'wrap-up-requested', reason, atMs: clock.nowMs() }),
    done,
  };
}

interface Wiring {
  readonly dispatch: (event: CallEvent) => void;
  readonly resolveDone: () => void;
  readonly transferTo: string | undefined;
}

function createParts(deps: CallDependencies, call: NewCall, wiring: Wiring): Parts {
  const { clock, store, telemetry, settings } = deps;
  const { claims, stream } = call;
  const { dispatch, resolveDone, transferTo } = wiring;
  const { callSid } = claims;
  const abort = new AbortController();
  const onFailure = createFailureReport(telemetry, callSid);
  const shared = { callSid, clock, store, telemetry, onFailure };
  const journal = createTurnJournal({
    ...shared,
    earlier: call.past?.turns ?? [],
    firstTurn: call.past?.nextTurn ?? 0,
  });
  const { direction, tollFree = false } = claims;
  const account = createCallAccount({
    ...shared,
    ...settings,
    direction,
    tollFree,
    prices: deps.prices,
    earlier: call.past?.costEvents ?? [],
    firstEvent: call.past?.nextCostEvent ?? 0,
  });
  const budget = createCallBudget({
    guard: deps.budgets,
    who: claims,
    reservedUsd: claims.allowanceUsd ?? 0,
    spentBeforeUsd: account.knownUsd(),
    onOver: () => dispatch({ type: 'wrap-up-requested', reason: 'over-budget', atMs: clock.nowMs() }),
    onFailure,
  });
  const file = createCallFile({ ...shared, claims, retentionDays: settings.retentionDays });
  const onTurnEnded = () => file.touch(journal.turnCount());
  const persona = personaFor(claims.role);
  const sides = {
    deps,
    claims,
    persona,
    stream,
    journal,
    account,
    transferTo,
    dispatch,
    onFailure,
    onTurnEnded,
    onBuying: () => timers.ensure('costs-soon', limits.costSoonMs),
    onCharged() {
      budget.spent(account.knownUsd());
      return account.save();
    },
  };
  const speaking = createSpeaking({ ...sides, signal: abort.signal });
  const listening = createListening({
    callSid,
    languageCode: settings.languageCode,
    speechToText: deps.speechToText,
    detector: deps.openVoiceActivity(),
    activity: settings.speechActivity,
    clock,
    signal: abort.signal,
    onFailure,
    dispatch(event) {
      speaking.notice(event);
      dispatch(event);
    },
  });
  const timers = createTimers<CallTimerName>(clock, (timer) => onTimer(parts, timer, dispatch));
  const startedAtMs = clock.nowMs();
  const made = { abort, journal, account, budget, file, speaking, listening, timers };
  const parts: Parts = { ...call, ...made, deps, startedAtMs, onFailure, resolveDone };
  return parts;
}

function onTimer(parts: Parts, timer: CallTimerName, dispatch: Wiring['dispatch']): void {
  const atMs = parts.deps.clock.nowMs();
  switch (timer) {
    case 'alive':
      return keepAlive(parts);
    case 'costs':
    case 'costs-soon':
      return countCosts(parts);
    case 'time-warning':
      return dispatch({ type: 'time-nearly-over', atMs });
    case 'max-duration':
      return dispatch({ type: 'wrap-up-requested', reason: 'max-duration', atMs });
    default:
      return dispatch({ type: 'timer-fired', timer, atMs });
  }
}

function tellOfStart({ deps, claims, start }: Parts): void {
  const { callSid, role, direction, callerHash, callerMasked } = claims;
  const { streamSid } = start;
  deps.telemetry.emit('info', {
    msg: 'call.started',
    callSid,
    streamSid,
    role,
    direction,
    callerHash,
    callerMasked,
  });
  deps.telemetry.metric('CallsStarted', 1);
}

function keepAlive({ file, journal, timers }: Parts): void {
  file.touch(journal.turnCount());
  timers.set('alive', limits.aliveEveryMs);
}

const durationSecsOf = ({ deps, startedAtMs }: Parts): number =>
  Math.round((deps.clock.nowMs() - startedAtMs) / 100) / 10;

/** What the call has cost until now: stored, so that a process that dies loses little of it, and held to the budgets. */
function countCosts(parts: Parts): void {
  const { speaking, listening, account, budget, timers } = parts;
  timers.clear('costs-soon');
  speaking.chargeRunning();
  account.chargeTime({
    durationSecs: durationSecsOf(parts),
    recognisedSecs: listening.audioSentMs() / 1000,
  });
  budget.spent(account.knownUsd());
  void account.save();
  timers.set('costs', limits.costEveryMs);
}

function perform(parts: Parts, effect: Effect): void {
  const { timers, speaking, listening, journal, file } = parts;
  switch (effect.type) {
    case 'set-timer':
      return timers.set(effect.timer, effect.ms);
    case 'clear-timer':
      return timers.clear(effect.timer);
    case 'commit-utterance':
      speaking.noteCommitRequested();
      return listening.commit();
    case 'reopen-recogniser':
      return listening.reopen();
    case 'note-utterance':
      return journal.noteCaller(effect.text.slice(0, limits.utteranceCharsMax));
    case 'flag-crisis':
      file.flagCrisis();
      return void reportCrisis(parts, effect.kind);
    case 'end-call':
      return void finish(parts, effect);
    default:
      return speaking.perform(effect);
  }
}

/** Beside the conversation: the caller hears the same whether or not the report arrives. */
async function reportCrisis({ deps, claims, abort }: Parts, kind: CrisisKind): Promise<void> {
  const { telemetry, tools } = deps;
  const { callSid } = claims;
  const offered = tools.definitions().some(({ name }) => name === safetyToolName);
  if (!offered) return telemetry.log('warn', { msg: 'crisis.unreported', callSid, kind, reason: 'no-tool' });
  const call = { id: `safety-${callSid}`, name: safetyToolName, input: safetyReport(callSid, kind) };
  const { status } = await tools.run(call, { callSid, signal: abort.signal });
  if (status === 'ok') telemetry.log('info', { msg: 'crisis.reported', callSid, kind });
  else telemetry.log('error', { msg: 'crisis.unreported', callSid, kind, reason: status });
}

/** The record is closed before the stream: whoever is asked what comes next reads it there. */
async function finish(
  parts: Parts,
  { outcome, transferTo }: Extract<Effect, { type: 'end-call' }>,
): Promise<void> {
  const { deps, abort, timers, speaking, listening, journal, account, budget, file, stream, onFailure } =
    parts;
  const { clock, telemetry } = deps;
  timers.clearAll();
  const durationSecs = durationSecsOf(parts);
  try {
    await speaking.close();
    listening.stop();
    const recognisedSecs = listening.audioSentMs() / 1000;
    account.chargeTime({ durationSecs, recognisedSecs });
    await Promise.all([account.save({ all: true }), journal.settled()]);
    const endedAt = clock.now().toISOString();
    const ending = {
      outcome,
      endedAt,
      durationSecs,
      turnCount: journal.turnCount(),
      costSummary: account.summary(),
    };
    await file.close(ending, transferTo);
    telemetry.metric(outcome === 'failed' ? 'CallsFailed' : 'CallsCompleted', 1);
  } catch (error) {
    onFailure(error);
  } finally {
    stream.close();
    abort.abort();
    await Promise.all([
      listening.close().catch(onFailure),
      account.settle(),
      budget.close(account.knownUsd()),
    ]);
    parts.resolveDone();
  }
}

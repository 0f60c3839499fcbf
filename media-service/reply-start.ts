/** Answers of the model: started, confirmed, cancelled. */
import { callTools, endCallTool, transferCallTool } from '#core/conversation/call-tools.ts';
import { toModelMessages, trimMessages } from '#core/conversation/history.ts';
import type { Effect } from '#core/conversation/state.ts';
import type { TurnId } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { ModelMessage, ToolCall, ToolDefinition } from '#core/ports/language-model.ts';
import type { ToolResult } from '#core/ports/tools.ts';
import type { AssistantSide, AssistantSideOptions } from './assistant-side.ts';
import { type AssistantTurn, newAssistantTurn } from './assistant-turn.ts';
import { createGate, type Gate } from './gate.ts';
import { runReply } from './reply.ts';
import { endTurn, nothingHeard } from './turn-ending.ts';

/** In a fixed order, so that the model's prompt cache holds. */
export function offeredTools({ deps, persona, transferTo }: AssistantSideOptions): readonly ToolDefinition[] {
  const allowed = ({ name }: ToolDefinition) => persona.tools === 'all' || persona.tools.includes(name);
  return [
    ...callTools({ canTransfer: transferTo !== undefined }),
    ...deps.tools.definitions().filter(allowed),
  ];
}

export function startReply(side: AssistantSide, effect: Extract<Effect, { type: 'start-reply' }>): void {
  const { turn, utterance, draft } = effect;
  const { playback } = side;
  const gate = createGate(!draft);
  const track = draft ? playback.prepare(turn) : playback.add(turn);
  const run = newAssistantTurn(turn, 'reply', track, new AbortController());
  side.turns.set(turn, run);
  side.gates.set(turn, gate);
  if (!draft) noteTurnTaken(side, run);
  run.work = reply(side, run, gate, messagesFor(side, draft ? utterance : undefined));
}

/** The words of a draft are not in the history yet. */
function messagesFor(side: AssistantSide, draftUtterance: string | undefined): readonly ModelMessage[] {
  const messages = trimMessages(
    toModelMessages(side.journal.history()),
    side.deps.settings.historyMessagesMax,
  );
  return draftUtterance === undefined ? messages : withCallerWords(messages, draftUtterance);
}

/** An utterance after one that was not answered is one message with it; a turn taken back holds the earlier words. */
function withCallerWords(messages: readonly ModelMessage[], text: string): readonly ModelMessage[] {
  const last = messages.at(-1);
  if (last?.role !== 'caller') return [...messages, { role: 'caller', text }];
  const joined = text.startsWith(last.text) ? text : `${last.text} ${text}`;
  return [...messages.slice(0, -1), { role: 'caller', text: joined }];
}

async function reply(
  side: AssistantSide,
  run: AssistantTurn,
  gate: Gate,
  messages: readonly ModelMessage[],
): Promise<void> {
  const { deps, persona, dispatch } = side;
  const { clock, settings } = deps;
  const { turn } = run;
  const ended = await runReply({
    turn: run,
    request: { maxTokens: limits.replyTokensMax, system: side.system, tools: offeredTools(side) },
    messages,
    models: [persona.model ?? settings.model, settings.fallbackModel],
    languageModel: deps.languageModel,
    clock,
    promptEstimates: side.promptEstimates,
    gate,
    speech: side.speech,
    onBuying: side.onBuying,
    runTool: (call) => runTool(side, turn, call),
    onToolStarted: (tool) => dispatch({ type: 'tool-started', turn, tool, atMs: clock.nowMs() }),
    onProviderFailure: side.onFailure,
  });
  const atMs = clock.nowMs();
  if (ended.ended === 'completed') dispatch({ type: 'reply-completed', turn, spoke: ended.spoke, atMs });
  if (ended.ended === 'failed') dispatch({ type: 'reply-failed', turn, atMs });
}

async function runTool(side: AssistantSide, turn: TurnId, call: ToolCall): Promise<ToolResult> {
  const { deps, transferTo, dispatch, claims, signal } = side;
  const atMs = deps.clock.nowMs();
  if (call.name === endCallTool.name) {
    dispatch({ type: 'end-requested', turn, atMs });
    return { status: 'ok', content: 'The call ends when your words have been heard.' };
  }
  if (call.name === transferCallTool.name && transferTo !== undefined) {
    dispatch({ type: 'transfer-requested', turn, to: transferTo, atMs });
    return { status: 'ok', content: 'The caller is connected when your words have been heard.' };
  }
  // A tool outlives an interruption: what it found is still worth knowing in the next turn.
  return deps.tools.run(call, { callSid: claims.callSid, signal });
}

function noteTurnTaken({ deps, ear }: AssistantSide, { moments }: AssistantTurn): void {
  moments.turnTakenAtMs = deps.clock.nowMs();
  if (ear.stoppedAtMs !== undefined) moments.callerStoppedAtMs = ear.stoppedAtMs;
  if (ear.committedAfterMs !== undefined) moments.committedAfterMs = ear.committedAfterMs;
}

export function confirmReply(side: AssistantSide, turn: TurnId): void {
  const run = side.turns.get(turn);
  if (!run) return;
  noteTurnTaken(side, run);
  side.playback.admit(run.track);
  side.gates.get(turn)?.open();
}

/** Aborts a turn and silences the assistant; what was heard of it is noted by the end of its track. */
export function cancelReply(side: AssistantSide, turn: TurnId): void {
  const run = side.turns.get(turn);
  run?.abort.abort();
  if (run) side.playback.discard(run.track);
  side.playback.silence();
  const unheard = side.turns.get(turn);
  if (unheard) endTurn(side, unheard, nothingHeard, true);
}

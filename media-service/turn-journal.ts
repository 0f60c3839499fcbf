/** What was said and heard: the history for the model, and the turns of the record, stored as they end. */
import { type HistoryEntry, splitHeard } from '#core/conversation/history.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';
import { type AssistantTurn, latenciesOf } from './assistant-turn.ts';
import type { HeardWords } from './playback-track.ts';

export interface TurnJournal {
  history(): readonly HistoryEntry[];
  /** The caller's turn so far; takes the place of the one before if nothing was heard in between. */
  noteCaller(text: string): void;
  /** An assistant turn is over, with the words the caller heard of it. @returns what was stored, if anything was heard. */
  noteAssistant(turn: AssistantTurn, heard: HeardWords, interrupted: boolean): TurnRecord | undefined;
  turnCount(): number;
  /** Waits until every write so far is done or has failed. */
  settled(): Promise<void>;
}

export function createTurnJournal(options: {
  readonly callSid: CallSid;
  readonly store: CallStore;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
  /** Turns of an earlier stream of the call, in their order. */
  readonly earlier?: readonly TurnRecord[];
  /** The number of the first turn is at least this. */
  readonly firstTurn?: number;
}): TurnJournal {
  const { callSid, store, clock, onFailure, earlier = [], firstTurn = 0 } = options;
  const history: HistoryEntry[] = earlier.map(historyOf);
  let stored = Math.max(firstTurn, (earlier.at(-1)?.n ?? -1) + 1);
  let lastSpeaker: TurnRecord['speaker'] | undefined = earlier.at(-1)?.speaker;
  let writes: Promise<void> = Promise.resolve();

  /** Writes follow each other, so that a turn written twice ends as its last version. */
  const write = (turn: TurnRecord) => {
    writes = writes.then(() => store.putTurn(callSid, turn)).catch(onFailure);
  };

  const nextTurn = (turn: Omit<TurnRecord, 'n' | 'at'>, replaceLast: boolean): TurnRecord => {
    const n = replaceLast ? stored - 1 : stored;
    stored = n + 1;
    lastSpeaker = turn.speaker;
    const record: TurnRecord = { n, at: clock.now().toISOString(), ...turn };
    write(record);
    return record;
  };

  return {
    history: () => history,
    noteCaller(text) {
      const replaceLast = lastSpeaker === 'caller';
      if (replaceLast) dropLastCaller(history);
      history.push({ type: 'caller', text });
      nextTurn({ speaker: 'caller', text, interrupted: false }, replaceLast);
    },
    noteAssistant(turn, heard, interrupted) {
      turn.heardAnything = heard.all !== '';
      const parts = splitHeard(heard.answer, turn.roundTexts.length === 0 ? [heard.answer] : turn.roundTexts);
      turn.rounds.forEach((round, i) => {
        turn.rounds[i] = { ...round, heard: parts[i] ?? '' };
      });
      const last = parts.slice(turn.rounds.length).join(' ');
      if (heard.answer !== '' || turn.rounds.length > 0)
        history.push({ type: 'assistant', rounds: turn.rounds, heard: last, interrupted });
      if (!turn.heardAnything) return undefined;
      return nextTurn(
        {
          speaker: 'assistant',
          text: heard.all,
          interrupted,
          latencies: latenciesOf(turn.moments, turn.toolUses),
          tools: [...turn.toolUses],
        },
        false,
      );
    },
    turnCount: () => stored - firstTurn,
    settled: () => writes,
  };
}

/** Words only: what tools found before stands in the words that were spoken of it. */
function historyOf({ speaker, text, interrupted }: TurnRecord): HistoryEntry {
  if (speaker === 'caller') return { type: 'caller', text };
  return { type: 'assistant', rounds: [], heard: text, interrupted };
}

/** The merged utterance holds the earlier words too; tool rounds that came between them stay. */
function dropLastCaller(history: HistoryEntry[]): void {
  const index = history.findLastIndex(({ type }) => type === 'caller');
  if (index !== -1) history.splice(index, 1);
}

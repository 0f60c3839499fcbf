/** `human`: a person, please. `help`: the numbers to call in danger. `goodbye`: end the call. */
export const keyActions = ['human', 'help', 'goodbye'] as const;
export type KeyAction = (typeof keyActions)[number];

/** What can be tuned about a conversation: every number with its unit and where it comes from. */
export interface ConversationSettings {
  /** Silence before we take the turn when the interim ends a sentence. */
  readonly endpointAfterSentenceMs: number;
  /** The same when nothing tells. */
  readonly endpointMs: number;
  /** The same when the words stop in mid-clause (conjunction, filler, unfinished number). */
  readonly endpointMidClauseMs: number;
  /** The longest we ever wait for a caller to go on. */
  readonly endpointMaxMs: number;
  /** How long we wait for the recogniser's committed words after we commit; then the interim is taken. */
  readonly commitTimeoutMs: number;
  /** How long after that the committed words may still come: beyond it they are a new utterance. */
  readonly owedForMs: number;
  /** How long playback stays held while we find out whether the caller interrupted. */
  readonly heldDecisionMs: number;
  /** Times that decision is put off while the caller makes sounds without words. */
  readonly heldWaitsMax: number;
  /** "Yes" said this shortly before the assistant stopped is an answer; earlier it was listening aloud. */
  readonly backchannelAnswerMs: number;
  /** A reply without sound after this long is bridged by a hold phrase. */
  readonly holdAfterMs: number;
  /** Between two hold phrases of one turn. */
  readonly holdAgainMs: number;
  /** Hold phrases in one turn before the reply is given up. */
  readonly holdsMax: number;
  /** A caller who says nothing for this long is asked again. */
  readonly rePromptAfterMs: number;
  /** Questions into the silence before the goodbye. */
  readonly rePromptsMax: number;
  /** Sound without words for this long counts as silence (a television, a car). */
  readonly noiseMaxMs: number;
  /** Words without a pause for this long are taken as a turn. */
  readonly utteranceMaxMs: number;
  /** Replies started on words that may still change, in one caller turn. */
  readonly draftsMax: number;
  /** The longest utterance a reply is started on early: the longer, the likelier that more words come. */
  readonly draftSpeechMaxMs: number;
  /** What the keys of the phone do. */
  readonly keys: Readonly<Partial<Record<string, KeyAction>>>;
  /** Where `0` and "a person, please" lead; undefined where nobody can be reached. */
  readonly transferTo?: string;
}

/**
 * Starting points: LiveKit Agents and Pipecat publish 500 ms and 200–800 ms as endpoint delays and 3 s as
 * their longest; a human gap between turns is about 200 ms (Stivers et al., PNAS 2009); a hold phrase has to
 * come before the 3 s of silence that no caller may meet.
 */
export const defaultConversationSettings = {
  endpointAfterSentenceMs: 300,
  endpointMs: 700,
  endpointMidClauseMs: 1_200,
  endpointMaxMs: 3_000,
  commitTimeoutMs: 600,
  owedForMs: 5_000,
  heldDecisionMs: 900,
  heldWaitsMax: 1,
  backchannelAnswerMs: 1_500,
  holdAfterMs: 1_200,
  holdAgainMs: 2_500,
  holdsMax: 4,
  rePromptAfterMs: 8_000,
  rePromptsMax: 2,
  noiseMaxMs: 10_000,
  utteranceMaxMs: 60_000,
  draftsMax: 3,
  draftSpeechMaxMs: 10_000,
  keys: { '0': 'human' },
} as const satisfies ConversationSettings;

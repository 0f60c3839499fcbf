/** Every bound of the conversation side in one place: name, unit, and where the number comes from. */
export const limits = {
  /** Largest WebSocket message we read from the phone side. A 20 ms frame is about 300 bytes; 64 KiB is 6 s of audio. */
  streamMessageBytesMax: 64 * 1024,
  /** From accepted upgrade to a valid `start`; Twilio sends it at once. */
  streamStartTimeoutMs: 5_000,
  /** No message at all from the phone side: Twilio sends 50 frames a second, so this is a half-open socket. */
  streamIdleTimeoutMs: 15_000,
  /** Calls one process runs at once unless its configuration says otherwise. */
  callsPerProcessMax: 150,
  /** Of these, calls from browsers: phones must not wait for the web page. */
  webCallsPerProcessMax: 50,
  /** A web call ends after so long; a visitor tries the assistant, a caller needs it. */
  webCallMaxSecs: 300,
  /** After a web call a visitor rests. */
  webCallRestSecs: 30,
  /** A stream token's life: from TwiML to `start` Twilio needs about a second. */
  streamTokenLifeSecs: 60,
  /** Tool rounds in one assistant turn. */
  toolRoundsMax: 3,
  /** One tool call: a caller waits behind it. */
  toolTimeoutMs: 4_000,
  /** Model: from request to first event, and between two events. */
  modelFirstEventTimeoutMs: 3_000,
  modelEventGapTimeoutMs: 3_000,
  /** Tokens of one reply: about 45 seconds of speech, far more than a good phone answer. */
  replyTokensMax: 400,
  /** Speech: from text sent to first audio, and between two chunks of one reply. */
  speechFirstAudioTimeoutMs: 2_500,
  speechChunkGapTimeoutMs: 3_000,
  /** Open speech contexts per socket (ElevenLabs refuses a sixth and closes the socket). */
  speechContextsMax: 5,
  /** Recogniser audio kept for replay after a lost connection: the longest utterance we can repair. */
  recogniserReplayMs: 30_000,
  /** Connection attempts in a row before a recogniser or speech session is given up. */
  providerReconnectsMax: 3,
  /** Items between a socket and its consumer. Events are few; audio chunks of one reply are at most minutes. */
  eventQueueMax: 1_000,
  speechChunkQueueMax: 4_000,
  /** Audio sent ahead of what the caller hears: little is lost at a barge-in, enough to ride out jitter. */
  playbackLeadMs: 300,
  /** Conversation events waiting for the loop; a healthy call has none or one. */
  callEventQueueMax: 1_000,
  /** How long before the longest duration of a call its caller is told: time for one last question. */
  timeWarningBeforeMs: 60_000,
  /** Reading what an earlier stream of a call left: a caller waits in silence behind it. */
  pastReadTimeoutMs: 1_000,
  /** Utterance text kept of one caller turn. */
  utteranceCharsMax: 4_000,
  /** Silence while the assistant owns the floor: a longer one is an incident. */
  silenceMaxMs: 3_000,
  /** Attempts to write the end of a call before it is left to the stale-call job. */
  finishAttemptsMax: 3,
  /** How often a running call says that it is alive, and after which silence it counts as lost. */
  aliveEveryMs: 30_000,
  /** How often a running call counts what it costs and stores it: what a killed process can lose at most. */
  costEveryMs: 5_000,
  /** The same, after a model or a voice was asked: what is dear is not left to the next time. */
  costSoonMs: 1_000,
  staleAfterMs: 120_000,
} as const;

/** What the simulated service would bill, to compare with what a client says it used. */

export interface ContextUse {
  readonly contextId: string;
  /** Characters that became audio. */
  readonly characters: number;
  readonly audioMs: number;
}

export interface SpeechSocketUse {
  readonly voiceId: string;
  readonly kind: 'multi' | 'single';
  readonly contexts: readonly ContextUse[];
}

export interface ElevenLabsLedger {
  /** Over both speech sockets, without REST. */
  readonly ttsCharacters: number;
  readonly restCharacters: number;
  readonly restRequests: number;
  /** Audio received by the recogniser, silence included. */
  readonly sttSeconds: number;
  /** The latest 1 000 sockets; the totals count all. */
  readonly ttsSockets: readonly SpeechSocketUse[];
  readonly sttSockets: readonly { readonly seconds: number }[];
}

/** One hour's use, for the usage endpoint. */
export interface HourlyUse {
  readonly hourMs: number;
  readonly ttsCharacters: number;
  readonly sttSeconds: number;
  readonly requests: number;
}

const socketsMax = 1_000;
/** A month of hours. */
const hoursMax = 31 * 24;
const hourLengthMs = 3_600_000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function createHours() {
  const hours = new Map<number, Mutable<HourlyUse>>();
  return {
    now(): Mutable<HourlyUse> {
      const hourMs = Math.floor(Date.now() / hourLengthMs) * hourLengthMs;
      const hour = hours.get(hourMs) ?? { hourMs, ttsCharacters: 0, sttSeconds: 0, requests: 0 };
      hours.set(hourMs, hour);
      const oldest = hours.keys().next().value;
      if (hours.size > hoursMax && oldest !== undefined) hours.delete(oldest);
      return hour;
    },
    list: (): readonly HourlyUse[] => [...hours.values()],
  };
}

export function createLedger() {
  const ttsSockets: { voiceId: string; kind: 'multi' | 'single'; contexts: Mutable<ContextUse>[] }[] = [];
  const sttSockets: { seconds: number }[] = [];
  const totals = { ttsCharacters: 0, restCharacters: 0, restRequests: 0, sttSeconds: 0 };
  const hours = createHours();

  const keep = <T>(list: T[], item: T): T => {
    list.push(item);
    if (list.length > socketsMax) list.shift();
    return item;
  };

  return {
    openSpeechSocket(kind: 'multi' | 'single', voiceId: string) {
      const use = keep(ttsSockets, { voiceId, kind, contexts: [] as Mutable<ContextUse>[] });
      hours.now().requests += 1;
      return (contextId: string) => {
        const context = keep(use.contexts, { contextId, characters: 0, audioMs: 0 });
        return {
          addCharacters(characters: number) {
            context.characters += characters;
            totals.ttsCharacters += characters;
            hours.now().ttsCharacters += characters;
          },
          addAudioMs(ms: number) {
            context.audioMs += ms;
          },
        };
      };
    },
    openRecogniser() {
      const use = keep(sttSockets, { seconds: 0 });
      hours.now().requests += 1;
      return {
        addAudio(seconds: number) {
          use.seconds += seconds;
          totals.sttSeconds += seconds;
          hours.now().sttSeconds += seconds;
        },
      };
    },
    addRestSpeech(characters: number) {
      totals.restCharacters += characters;
      totals.restRequests += 1;
      const hour = hours.now();
      hour.ttsCharacters += characters;
      hour.requests += 1;
    },
    hours: hours.list,
    read: (): ElevenLabsLedger => structuredClone({ ...totals, ttsSockets, sttSockets }),
  };
}

export type Ledger = ReturnType<typeof createLedger>;

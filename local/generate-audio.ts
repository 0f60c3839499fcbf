/** `npm run audio:generate`: records the fixed phrases of every persona's voice, for the media service to play. */
import { parseArgs } from 'node:util';
import { createElevenLabsRecordedSpeech } from '#adapters/elevenlabs/recorded-speech.ts';
import { phraseKey } from '#adapters/recorded-phrases/manifest.ts';
import { readManifest, writeManifest, writeRecording } from '#adapters/recorded-phrases/phrase-folder.ts';
import { allPhrases } from '#core/conversation/phrases.ts';
import { personas } from '#core/personas/index.ts';
import { roleSchema } from '#core/personas/role.ts';
import { joinServices } from './services.ts';
import { loadEnvironmentOrExit } from './start-process.ts';

const help = `Records every fixed phrase (greetings, hold phrases, goodbyes, words for a crisis) per voice as µ-law files.

  npm run audio:generate -- [--role ROLE] [--out DIR] [--force] [--dry-run]

  --role ROLE   only this persona
  --out DIR     where the recordings go; default RECORDED_PHRASES_DIR, else $DATA_DIR/phrases
  --force       record again what is there already
  --dry-run     only say how many characters would be spoken

With ELEVENLABS_API_KEY set the real service speaks (and bills); without it, the simulated one.
The media service uses them when RECORDED_PHRASES_DIR names the folder (npm start: $DATA_DIR/phrases, when it exists).`;

/** Requests at once: the smallest paid plan allows as many. */
const requestsMax = 3;

const { values: options } = parseArgs({
  options: {
    role: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Wanted {
  readonly voice: string;
  readonly text: string;
}

function wantedPhrases(): readonly Wanted[] {
  const role = options.role === undefined ? undefined : roleSchema.parse(options.role);
  const chosen = Object.values(personas).filter((persona) => role === undefined || persona.role === role);
  const wanted = chosen.flatMap((persona) =>
    allPhrases(persona).map(({ text }) => ({ voice: persona.voice, text })),
  );
  return [...new Map(wanted.map((phrase) => [phraseKey(phrase.voice, phrase.text), phrase])).values()];
}

async function main(): Promise<void> {
  if (options.help) return console.log(help);
  const environment = loadEnvironmentOrExit();
  const { RECORDED_PHRASES_DIR, ELEVENLABS_TTS_MODEL } = environment.variables;
  const folder = options.out ?? RECORDED_PHRASES_DIR ?? '';
  const model = ELEVENLABS_TTS_MODEL || 'eleven_flash_v2_5';
  const found = readManifest(folder);
  const kept = found?.model === model && !options.force ? found.phrases : [];
  const known = new Set(kept.map(({ voice, text }) => phraseKey(voice, text)));
  const missing = wantedPhrases().filter(({ voice, text }) => !known.has(phraseKey(voice, text)));
  const characters = missing.reduce((sum, { text }) => sum + text.length, 0);
  console.log(`${missing.length} phrases to record (${characters} characters), ${kept.length} are there.`);
  if (options['dry-run'] || missing.length === 0) return undefined;
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const log = () => undefined;
  const services = await joinServices(environment, {
    log,
    signal: stopping.signal,
    onMoved: () => undefined,
  });
  try {
    const recorded = await record(services.variables(), { missing, model, folder, signal: stopping.signal });
    writeManifest(folder, { version: 1, model, phrases: [...kept, ...recorded] });
    console.log(`\n${recorded.length} phrases recorded in ${folder}`);
  } finally {
    await services.release();
  }
}

async function record(
  variables: Readonly<Record<string, string>>,
  work: { missing: readonly Wanted[]; model: string; folder: string; signal: AbortSignal },
) {
  const speech = createElevenLabsRecordedSpeech({
    apiKey: variables['ELEVENLABS_API_KEY'] ?? '',
    ...(variables['ELEVENLABS_BASE_URL'] === undefined ? {} : { baseUrl: variables['ELEVENLABS_BASE_URL'] }),
    modelId: work.model,
  });
  const left = [...work.missing];
  const recorded: ReturnType<typeof writeRecording>[] = [];
  const next = async (): Promise<void> => {
    for (let phrase = left.shift(); phrase; phrase = left.shift()) {
      const { audio } = await speech.synthesizeRecorded({ ...phrase, signal: work.signal });
      recorded.push(writeRecording(work.folder, phrase.voice, phrase.text, audio));
      process.stderr.write(`\r${recorded.length} of ${work.missing.length}`);
    }
  };
  await Promise.all(Array.from({ length: requestsMax }, next));
  return recorded;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

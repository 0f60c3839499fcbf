/** The HTTP side: whole phrases, quota, usage, tokens. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Synthesiser } from '#local/speech/synthesiser.ts';
import type { Faults } from '../faults.ts';
import { parseJson, readBody, sendJson } from '../http-server.ts';
import { pause } from '../pause.ts';
import type { Credentials } from './credentials.ts';
import type { ElevenLabsFault } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { encodeAudio } from './speech/encode-audio.ts';
import { cutIntoChunks } from './speech/spoken-chunks.ts';
import { defaultOutputFormat, outputFormats, speechModels, voiceSettingsSchema } from './speech/wire.ts';
import { answerUsage } from './usage.ts';

/** Characters a month of the simulated plan. */
const characterLimit = 500_000;
/** A whole sentence over HTTP was measured at about 0.7 s; from the model's side it is its first-byte time and a bit. */
const generationSpeed = 8;

export interface RestOptions {
  readonly synthesiser: Synthesiser;
  readonly credentials: Credentials;
  readonly ledger: Ledger;
  readonly faults: Faults<ElevenLabsFault>;
  readonly firstByteMs: number;
  readonly violate: (code: string, message: string) => void;
}

const speechBody = z.object({
  text: z.string().min(1).max(40_000),
  model_id: z.enum([...speechModels, 'eleven_v3']).default('eleven_multilingual_v2'),
  language_code: z.string().nullish(),
  voice_settings: voiceSettingsSchema.nullish(),
  seed: z.int().min(0).max(4_294_967_295).nullish(),
});
const speechQuery = z.object({
  output_format: z.enum(outputFormats as readonly [string, ...string[]]).default(defaultOutputFormat),
});

type Handler = (exchange: Exchange) => Promise<void> | void;
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the route's pattern captured. */
  readonly captured: readonly string[];
  readonly options: RestOptions;
}

function refuseBody({ response, options }: Exchange, error: z.ZodError): void {
  const detail = error.issues.map(({ path, message, code }) => ({
    loc: ['body', ...path],
    msg: message,
    type: code,
  }));
  options.violate('unprocessable', detail.map(({ loc }) => loc.join('.')).join(', '));
  sendJson(response, 422, { detail });
}

async function speak(exchange: Exchange): Promise<void> {
  const { request, response, query, captured, options } = exchange;
  const [, variant = ''] = captured;
  const settings = speechQuery.safeParse(Object.fromEntries(query));
  if (!settings.success) return refuseBody(exchange, settings.error);
  const body = speechBody.safeParse(parseJson((await readBody(request)).toString()));
  if (!body.success) return refuseBody(exchange, body.error);

  const { text, voice_settings } = body.data;
  const spoken = await options.synthesiser.speak(text, { speed: voice_settings?.speed ?? 1 });
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  await pause(options.firstByteMs, gone.signal);
  options.ledger.addRestSpeech(text.length);
  const headers = {
    'request-id': randomUUID(),
    'character-cost': String(text.length),
    'current-concurrent-requests': '1',
    'maximum-concurrent-requests': '10',
  };
  const format = settings.data.output_format;
  if (variant.includes('timestamps')) return sendTimestamps(exchange, text, spoken, headers);

  const type = format.startsWith('mp3') ? 'audio/mpeg' : 'audio/basic';
  response.writeHead(200, { 'content-type': format.startsWith('pcm') ? 'audio/pcm' : type, ...headers });
  for (const chunk of cutIntoChunks(text, spoken, false)) {
    response.write(encodeAudio(chunk.audio, format));
    await pause(chunk.audio.length / 8 / generationSpeed, gone.signal);
  }
  response.end();
}

type Spoken = Awaited<ReturnType<Synthesiser['speak']>>;

function sendTimestamps(
  { response }: Exchange,
  text: string,
  spoken: Spoken,
  headers: Readonly<Record<string, string>>,
): void {
  const whole = cutIntoChunks(text, spoken, false)[0]?.alignment;
  const starts = whole?.charStartTimesMs ?? [];
  const alignment = {
    characters: whole?.chars ?? [],
    character_start_times_seconds: starts.map((ms) => ms / 1_000),
    character_end_times_seconds: starts.map((ms, i) => (ms + (whole?.charDurationsMs[i] ?? 0)) / 1_000),
  };
  const audio_base64 = Buffer.from(spoken.audio).toString('base64');
  sendJson(response, 200, { audio_base64, alignment, normalized_alignment: alignment }, headers);
}

function sendSubscription({ response, options }: Exchange): void {
  const { ttsCharacters, restCharacters } = options.ledger.read();
  const now = new Date();
  sendJson(response, 200, {
    tier: 'creator',
    status: 'active',
    character_count: ttsCharacters + restCharacters,
    character_limit: characterLimit,
    max_credit_limit_extension: 0,
    can_extend_character_limit: false,
    next_character_count_reset_unix: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) / 1_000,
    current_overage: { amount: '0', currency: 'usd' },
    billing_period: 'monthly_period',
    currency: 'usd',
    has_open_invoices: false,
    open_invoices: [],
    next_invoice: null,
  });
}

function sendToken({ response, captured, options }: Exchange): void {
  const [kind] = captured;
  if (!['realtime_scribe', 'batch_scribe', 'tts_websocket'].includes(kind ?? ''))
    sendJson(response, 422, { detail: [{ loc: ['path', 'token_type'], msg: 'Unknown token type' }] });
  else sendJson(response, 200, { token: options.credentials.createToken() });
}

const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/v1\/text-to-speech\/([\w-]+)(\/stream|\/with-timestamps)?$/, speak],
  ['GET', /^\/v1\/user\/subscription$/, sendSubscription],
  ['POST', /^\/v1\/single-use-token\/(\w+)$/, sendToken],
  [
    'GET',
    /^\/v1\/usage\/character-stats$/,
    ({ response, query, options }) => answerUsage(response, query, options.ledger, options.violate),
  ],
];

/** Answers a request of the vendor's API. */
export async function handleRest(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: RestOptions,
): Promise<void> {
  const fault = options.faults.take('rest', 'status');
  if (fault) {
    const retry = fault.retryAfterSecs === undefined ? {} : { 'retry-after': String(fault.retryAfterSecs) };
    return sendJson(
      response,
      fault.status,
      { detail: { status: 'asked_for', message: 'Asked for by a test' } },
      retry,
    );
  }
  const refusal = options.credentials.check(request, url.searchParams);
  if (refusal) {
    options.violate(refusal.code, refusal.message);
    return sendJson(response, refusal.status, { detail: { status: refusal.code, message: refusal.message } });
  }
  for (const [method, path, handler] of routes) {
    const match = path.exec(url.pathname);
    if (!match || request.method !== method) continue;
    const captured = match.slice(1).map((part) => part ?? '');
    return handler({ request, response, query: url.searchParams, captured, options });
  }
  options.violate('not-found', `${request.method} ${url.pathname.replaceAll(/\/[\w-]{16,}/g, '/…')}`);
  sendJson(response, 404, { detail: 'Not Found' });
}

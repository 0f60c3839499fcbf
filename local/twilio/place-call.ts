/** `POST /Calls.json`: checks a request as Twilio does and queues the call. Source: Twilio, "Create a Call". */
import { startOutboundCall } from './call.ts';
import { callResource } from './call-resource.ts';
import type { Instruction } from './instruction.ts';
import type { Address } from './live-call.ts';
import type { MachineDetection } from './machine-detection.ts';
import type { RestOptions } from './rest.ts';
import { isAddress, methodOf, type RestAnswer, refuse, twimlCharsMax } from './rest-answer.ts';
import type { ExchangeSettings } from './settings.ts';
import { type ProgressEvent, progressEvents, type StatusCallbackOptions } from './status-callbacks.ts';
import { pause } from './waiting.ts';

const e164 = /^\+[1-9]\d{6,14}$/;
const address = /^(sip:|client:)./;
/** Twilio's test numbers: valid `From`, and what each `To` is refused with. */
const magicFrom = '+15005550006';
const magicTo: Readonly<Record<string, readonly [code: number, message: string]>> = {
  '+15005550001': [21_211, 'The phone number is not valid'],
  '+15005550002': [21_214, 'The phone number cannot be reached'],
  '+15005550003': [21_215, 'The account may not call this country'],
  '+15005550004': [21_216, 'The account may not call this number'],
};
/** `Timeout` in seconds; Twilio rings about five seconds longer than asked. */
const ringSecs = { usual: 60, max: 600, extra: 5 } as const;
const limitSecs = { usual: 14_400, max: 86_400 } as const;

/** Parameters that are whole numbers, and their bounds. */
const bounds: Readonly<Record<string, readonly [min: number, max: number]>> = {
  Timeout: [1, ringSecs.max],
  TimeLimit: [1, limitSecs.max],
  MachineDetectionTimeout: [3, 59],
  MachineDetectionSpeechThreshold: [1_000, 6_000],
  MachineDetectionSpeechEndThreshold: [500, 5_000],
  MachineDetectionSilenceTimeout: [2_000, 10_000],
};
const addresses = ['FallbackUrl', 'StatusCallback', 'AsyncAmdStatusCallback', 'RecordingStatusCallback'];
const methods = ['Method', 'FallbackMethod', 'StatusCallbackMethod', 'AsyncAmdStatusCallbackMethod'];

/** @returns answers one request; calls begin one after the other at the account's rate. */
export function createCallPlacer({
  settings,
  faults,
  calls,
  ring,
}: RestOptions): (form: URLSearchParams) => RestAnswer {
  const nextTurn = createTurns(settings.callsPerSecond ?? 1);
  return (form) => {
    const problem = partyProblem(form, settings) ?? documentProblem(form) ?? optionProblem(form);
    if (problem) return problem;
    const call = startOutboundCall(
      {
        settings,
        faults,
        ring,
        from: form.get('From') ?? '',
        to: form.get('To') ?? '',
        first: firstOf(form),
        fallbackUrl: form.get('FallbackUrl') ?? undefined,
        statusCallback: callbackOf(form),
        ringMs: (numberOf(form, 'Timeout', ringSecs.usual) + ringSecs.extra) * 1000,
        limitMs: numberOf(form, 'TimeLimit', limitSecs.usual) * 1000,
        machineDetection: detectionOf(form),
      },
      nextTurn(),
    );
    calls.add(call);
    return { status: 201, body: callResource(settings, call) };
  };
}

/** @returns a queue whose turns come at most so often. */
function createTurns(perSecond: number): () => Promise<void> {
  let freeAtMs = 0;
  return () => {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, freeAtMs);
    freeAtMs = atMs + 1000 / perSecond;
    return pause(atMs - nowMs);
  };
}

const isParty = (text: string) => e164.test(text) || address.test(text);

function partyProblem(form: URLSearchParams, { numbers }: ExchangeSettings): RestAnswer | undefined {
  const [to, from] = [form.get('To') ?? '', form.get('From') ?? ''];
  if (to === '') return refuse(400, 21_201, "No 'To' number is specified");
  if (from === '') return refuse(400, 21_213, "No 'From' number is specified");
  const magic = magicTo[to];
  if (magic) return refuse(400, ...magic);
  if (!isParty(to)) return refuse(400, 21_211, 'The phone number you are attempting to call is not valid');
  if (!isParty(from)) return refuse(400, 21_212, 'The source phone number provided is not valid');
  const owned = numbers === undefined || from === magicFrom || numbers.some(({ number }) => number === from);
  return owned ? undefined : refuse(400, 21_210, 'The source phone number is not verified for your account');
}

function documentProblem(form: URLSearchParams): RestAnswer | undefined {
  const [url, twiml] = [form.get('Url'), form.get('Twiml')];
  if (form.has('ApplicationSid'))
    return refuse(400, 20_001, 'ApplicationSid is not simulated: use Url or Twiml');
  if (url === null && twiml === null) return refuse(400, 21_205, 'Url parameter is required');
  if (url !== null && !isAddress(url)) return refuse(400, 21_205, 'Url is not a valid URL');
  return url === null && (twiml ?? '').length > twimlCharsMax
    ? refuse(400, 32_018, `Twiml has more than ${twimlCharsMax} characters`)
    : undefined;
}

const bad = (name: string, rule: string) => refuse(400, 20_001, `${name} ${rule}`);

function optionProblem(form: URLSearchParams): RestAnswer | undefined {
  for (const [name, [min, max]] of Object.entries(bounds)) {
    const value = form.get(name);
    if (value !== null && !(/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max))
      return bad(name, `must be a whole number from ${min} to ${max}`);
  }
  for (const name of addresses) {
    const value = form.get(name);
    if (value !== null && !isAddress(value)) return refuse(400, 21_609, `${name} is not a valid URL`);
  }
  for (const name of methods) if (!methodOf(form.get(name))) return bad(name, 'must be GET or POST');
  const events = form.getAll('StatusCallbackEvent');
  if (events.some((event) => !(progressEvents as readonly string[]).includes(event)))
    return refuse(400, 21_626, `StatusCallbackEvent takes one of ${progressEvents.join(', ')} each time`);
  return detectionProblem(form);
}

function detectionProblem(form: URLSearchParams): RestAnswer | undefined {
  const [detection, asynchronous] = [form.get('MachineDetection'), form.get('AsyncAmd')];
  if (detection !== null && detection !== 'Enable' && detection !== 'DetectMessageEnd')
    return bad('MachineDetection', 'must be Enable or DetectMessageEnd');
  if (asynchronous !== null && asynchronous !== 'true' && asynchronous !== 'false')
    return bad('AsyncAmd', 'must be true or false');
  if (asynchronous === 'true' && detection === null) return bad('AsyncAmd', 'needs MachineDetection');
  const digits = form.get('SendDigits');
  return digits !== null && !/^[0-9*#w]+$/.test(digits)
    ? bad('SendDigits', 'takes 0-9, *, # and w only')
    : undefined;
}

const numberOf = (form: URLSearchParams, name: string, usual: number): number =>
  Number(form.get(name) ?? usual);

function addressOf(form: URLSearchParams, name: string): Address | undefined {
  const url = form.get(name);
  if (url === null) return undefined;
  return { url, method: methodOf(form.get(`${name}Method`)) ?? 'POST' };
}

function firstOf(form: URLSearchParams): Instruction {
  const url = form.get('Url');
  // With an address, inline TwiML is ignored.
  if (url === null) return { kind: 'twiml', twiml: form.get('Twiml') ?? '' };
  return { kind: 'voice', address: { url, method: methodOf(form.get('Method')) ?? 'POST' } };
}

function callbackOf(form: URLSearchParams): StatusCallbackOptions | undefined {
  const callback = addressOf(form, 'StatusCallback');
  if (!callback) return undefined;
  const asked = form.getAll('StatusCallbackEvent') as ProgressEvent[];
  return { address: callback, events: new Set(asked.length > 0 ? asked : ['completed']) };
}

/** Digits to dial after the answer switch detection off. */
function detectionOf(form: URLSearchParams): MachineDetection | undefined {
  if (!form.has('MachineDetection') || form.has('SendDigits')) return undefined;
  const asynchronous = form.get('AsyncAmd') === 'true';
  return { asynchronous, callback: addressOf(form, 'AsyncAmdStatusCallback') };
}

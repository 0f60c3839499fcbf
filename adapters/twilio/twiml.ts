/** The few TwiML answers we give. Source: Twilio, "TwiML for Programmable Voice". */
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

export { twimlCharsMax } from './twiml-limits.ts';

/** Twilio refuses a `<Parameter>` whose name and value are 500 characters or more together. */
const parameterCharsMax = 499;
/** `<Say>` takes 4096 characters. */
const sayCharsMax = 4_096;

/** How a sentence is read out. A voice speaks its own language; `language` matters for Twilio's basic voices. */
export type SayOptions = Readonly<Pick<VoiceResponse.SayAttributes, 'voice' | 'language'>>;
const defaultVoice: SayOptions = { voice: 'Polly.Joanna' };

/** What XML 1.0 cannot hold: control characters and half characters. The builder would throw over them. */
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
/** What is left of a text to be read out. */
export const speakable = (text: string): string => text.slice(0, sayCharsMax).replace(notXml, '');

/** What an answer in TwiML is served as. */
export const twimlContentType = 'text/xml; charset=utf-8';

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

function checkStreamUrl(streamUrl: string): void {
  const url = new URL(streamUrl);
  const secure = url.protocol === 'wss:' || (url.protocol === 'ws:' && loopbackHosts.has(url.hostname));
  if (!secure) throw new RangeError('A stream URL must be wss:// (ws:// only on loopback)');
  if (url.search !== '' || url.hash !== '')
    throw new RangeError('A stream URL takes no query: use parameters');
}

export interface ConnectStream {
  readonly streamUrl: string;
  /** Asked when the stream is over: without it the call would just end. */
  readonly actionUrl: string;
  readonly statusCallbackUrl?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Throws `RangeError` for what Twilio would refuse, `TypeError` for a `streamUrl` that is not absolute. */
export function connectStreamTwiml({
  streamUrl,
  actionUrl,
  statusCallbackUrl,
  parameters,
}: ConnectStream): string {
  checkStreamUrl(streamUrl);
  const response = new VoiceResponse();
  const connect = response.connect({ action: actionUrl, method: 'POST' });
  const stream = connect.stream({
    url: streamUrl,
    ...(statusCallbackUrl === undefined
      ? {}
      : { statusCallback: statusCallbackUrl, statusCallbackMethod: 'POST' }),
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (name.length + value.length > parameterCharsMax)
      throw new RangeError(`The stream parameter ${name} is longer than ${parameterCharsMax} characters`);
    stream.parameter({ name, value });
  }
  return response.toString();
}

/** @param text longer than 4096 characters is cut. */
export function sayAndHangUpTwiml(text: string, say: SayOptions = defaultVoice): string {
  const response = new VoiceResponse();
  response.say(say, speakable(text));
  response.hangup();
  return response.toString();
}

export function hangUpTwiml(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** Refuses a call that was not answered yet; Twilio bills nothing for it. */
export function rejectTwiml(reason: 'rejected' | 'busy'): string {
  const response = new VoiceResponse();
  response.reject({ reason });
  return response.toString();
}

export interface DialNumber {
  readonly number: string;
  /** Asked when the other side did not answer or has hung up. */
  readonly actionUrl: string;
  readonly callerId?: string;
  readonly timeoutSecs: number;
  readonly timeLimitSecs: number;
  /** Spoken before it rings. */
  readonly say?: string;
  readonly sayOptions?: SayOptions;
}

/** Twilio's own defaults for these times are not documented: both are always given. */
export function dialTwiml(options: DialNumber): string {
  const { number, actionUrl, callerId, timeoutSecs, timeLimitSecs, say, sayOptions = defaultVoice } = options;
  const response = new VoiceResponse();
  if (say !== undefined) response.say(sayOptions, speakable(say));
  const dial = response.dial({
    action: actionUrl,
    method: 'POST',
    timeout: timeoutSecs,
    timeLimit: timeLimitSecs,
    answerOnBridge: true,
    ...(callerId === undefined ? {} : { callerId }),
  });
  dial.number(number);
  return response.toString();
}

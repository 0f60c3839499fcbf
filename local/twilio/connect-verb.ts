/** `<Connect><Stream>`: the caller talks with a WebSocket server until one of them ends it. */
import { codes } from './failure.ts';
import { leadTo, resolveAddress, type VerbOutcome, type Where } from './instruction.ts';
import { runStream } from './media-stream.ts';
import type { TwimlElement } from './twiml-parser.ts';

/** Name and value of a parameter together stay below this. */
const parameterCharsMax = 500;
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

export async function executeConnect(connect: TwimlElement, where: Where): Promise<VerbOutcome> {
  const [stream] = connect.children;
  if (stream) await connectStream(stream, where);
  const { action, method } = connect.attributes;
  if (action === undefined) return { done: false };
  return { done: true, next: leadTo('action', action, method, where) };
}

async function connectStream(noun: TwimlElement, where: Where): Promise<void> {
  const url = absoluteUrl(noun.attributes['url'] ?? '', where.baseUrl);
  const problem = problemOf(noun, url);
  if (!problem) return talk(noun, url, where);
  where.call.violate(problem.code, problem.text);
  return tellEvent(noun, where, { event: 'stream-error', streamSid: '', error: problem.code });
}

/** A relative address is relative to the document, on the WebSocket scheme that fits. */
function absoluteUrl(url: string, baseUrl: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || !URL.canParse(url, baseUrl) || url === '') return url;
  return new URL(url, baseUrl).toString().replace(/^http/, 'ws');
}

interface Problem {
  readonly code: number;
  readonly text: string;
}

function problemOf(stream: TwimlElement, address: string): Problem | undefined {
  const url = URL.parse(address);
  if (!url) return { code: codes.streamUrl, text: 'the stream URL is malformed' };
  const secure = url.protocol === 'wss:' || (url.protocol === 'ws:' && loopbackHosts.has(url.hostname));
  if (!secure) return { code: codes.streamScheme, text: 'the stream URL is not wss' };
  if (address.includes('?') || address.includes('#'))
    return { code: codes.handshake, text: 'the stream URL has a query: use <Parameter>' };
  if ((stream.attributes['track'] ?? 'inbound_track') !== 'inbound_track')
    return { code: codes.streamTrack, text: 'a connected stream has the inbound track only' };
  const long = stream.children.find(
    ({ attributes }) => `${attributes['name']}${attributes['value']}`.length >= parameterCharsMax,
  );
  return long
    ? { code: codes.documentSchema, text: `a <Parameter> has ${parameterCharsMax} characters or more` }
    : undefined;
}

async function talk(noun: TwimlElement, url: string, where: Where): Promise<void> {
  const { call } = where;
  const parameters = Object.fromEntries(
    noun.children.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']),
  );
  const { streamSid, error } = await runStream(call, {
    url,
    parameters,
    signal: where.signal,
    onStarted(sid) {
      call.show({ type: 'stream-started', streamSid: sid });
      call.background(tellEvent(noun, where, { event: 'stream-started', streamSid: sid }));
    },
  });
  call.show({ type: 'stream-ended', streamSid, ...(error === undefined ? {} : { error }) });
  if (error !== undefined) call.violate(error, 'the stream did not connect, or broke');
  const event = error === undefined ? 'stream-stopped' : 'stream-error';
  call.background(tellEvent(noun, where, { event, streamSid, ...(error === undefined ? {} : { error }) }));
}

interface StreamEvent {
  readonly event: 'stream-started' | 'stream-stopped' | 'stream-error';
  readonly streamSid: string;
  readonly error?: number;
}

async function tellEvent(
  { attributes }: TwimlElement,
  { call, baseUrl }: Where,
  { event, streamSid, error }: StreamEvent,
): Promise<void> {
  const callback = attributes['statusCallback'];
  if (callback === undefined) return;
  const address = resolveAddress(callback, attributes['statusCallbackMethod'], baseUrl);
  await call.tell('stream-status', address, {
    StreamSid: streamSid,
    StreamName: attributes['name'] ?? streamSid,
    StreamEvent: event,
    Timestamp: new Date().toISOString(),
    ...(error === undefined ? {} : { StreamError: `Stream error ${error}` }),
  });
}

/** What a stream brings with it: the claims of its token, and its first message. */
import { randomBytes } from 'node:crypto';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallSid } from '#core/ids.ts';
import { newCallSid } from './calls.ts';

/** Of a call of its own, for the next minute of real time. */
export const streamClaims = (fields: Partial<StreamClaims> = {}): StreamClaims => ({
  callSid: newCallSid(),
  role: 'parent',
  direction: 'inbound',
  callerHash: 'hash',
  callerMasked: '+1******0100',
  nonce: randomBytes(12).toString('hex'),
  expiresAt: Math.floor(Date.now() / 1000) + 60,
  ...fields,
});

/** @param customParameters as the document that started the stream names them. */
export function startMessage(callSid: CallSid, customParameters: Readonly<Record<string, string>>): string {
  const streamSid = `MZ${randomBytes(16).toString('hex')}`;
  const accountSid = `AC${'3'.repeat(32)}`;
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
  const start = { accountSid, streamSid, callSid, tracks: ['inbound'], mediaFormat, customParameters };
  return JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid, start });
}

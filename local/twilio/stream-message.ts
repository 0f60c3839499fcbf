/** What an application may send into a stream. Source: Twilio, "Media Streams – WebSocket Messages". */
import * as z from 'zod';

const strictBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const streamSid = z.string();
const messageSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('media'), streamSid, media: z.object({ payload: z.string().min(1) }) }),
  z.object({ event: z.literal('mark'), streamSid, mark: z.object({ name: z.string().min(1) }) }),
  z.object({ event: z.literal('clear'), streamSid }),
]);

export type OutboundMessage =
  | { readonly event: 'media'; readonly audio: Uint8Array }
  | { readonly event: 'mark'; readonly name: string }
  | { readonly event: 'clear' };

export type ReadMessage =
  | { readonly ok: true; readonly message: OutboundMessage }
  | { readonly ok: false; readonly problem: string };

const bad = (problem: string): ReadMessage => ({ ok: false, problem });

/** @param ownSid the stream the message must be about. */
export function readStreamMessage(text: string, ownSid: string): ReadMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad('a message is not JSON');
  }
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'event').join(', ');
    return bad(`a message is not media, mark or clear as documented: ${fields}`);
  }
  if (parsed.data.streamSid !== ownSid) return bad('a message has the streamSid of another stream');
  if (parsed.data.event !== 'media')
    return {
      ok: true,
      message: parsed.data.event === 'mark' ? { event: 'mark', name: parsed.data.mark.name } : parsed.data,
    };
  return readAudio(parsed.data.media.payload);
}

/** Names of audio containers: a header would be heard as a click, and a file that is not µ-law as noise. */
const headers = ['RIFF', 'ID3', 'OggS', 'fLaC', '.snd'];

function readAudio(payload: string): ReadMessage {
  if (!strictBase64.test(payload)) return bad('a payload is not base64');
  const audio = Buffer.from(payload, 'base64');
  const first = audio.subarray(0, 4).toString('latin1');
  const header = headers.find((name) => first.startsWith(name));
  return header === undefined
    ? { ok: true, message: { event: 'media', audio } }
    : bad(`a payload begins with the file header ${header}`);
}

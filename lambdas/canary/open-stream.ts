/** Opens the stream's WebSocket as Twilio does, and closes it again before any call begins. */
import { randomBytes } from 'node:crypto';
import { request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import type { Duplex } from 'node:stream';

/** RFC 6455: a masked close frame, code 1000 and a mask of zeros. */
const closeFrame = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/** @returns the status of the answer: 101 when the stream was opened. Rejects when nobody answers. */
export function openStream(url: string, signature: string, signal: AbortSignal): Promise<number> {
  const request = url.startsWith('wss:') ? requestEncrypted : requestPlain;
  return new Promise<number>((resolve, reject) => {
    const upgrade = request(url.replace(/^ws/, 'http'), {
      signal,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-version': '13',
        'x-twilio-signature': signature,
      },
    });
    upgrade.once('error', reject);
    upgrade.once('upgrade', (response, socket: Duplex) => {
      socket.on('error', () => socket.destroy());
      // What the service says to our goodbye is not waited for.
      socket.end(closeFrame, () => socket.destroy());
      resolve(response.statusCode ?? 0);
    });
    upgrade.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    upgrade.end();
  });
}

import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioMediaStream } from '#adapters/twilio/media-stream.ts';
import { startMediaServer } from '#tests/adapters/twilio/strict-media-peer.ts';
import { describeMediaStreamContract, type MediaStreamSubject } from './media-stream-contract.ts';

async function onStrictPeer(): Promise<MediaStreamSubject> {
  const server = await startMediaServer();
  return {
    async open(listener) {
      const { accepted, peer } = await server.call();
      const stream = createTwilioMediaStream({ socket: accepted, listener, clock: systemClock });
      return { stream, phone: { ...peer, cut: () => peer.socket.terminate() } };
    },
    close: server.close,
  };
}

describeMediaStreamContract('Twilio Media Streams against a strict peer', onStrictPeer);

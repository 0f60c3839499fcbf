/** From an accepted socket to a running call: waits for `start`, checks its token, then hands over. */
import type { WebSocket } from 'ws';
import type { MediaStream, MediaStreamListener, StreamStart } from '#core/ports/media-stream.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallDependencies } from './call-dependencies.ts';
import { readPast } from './call-past.ts';
import type { CallRegistry } from './call-registry.ts';
import { type CallSession, startCall } from './call-session.ts';
import { createFailureReport } from './failure-report.ts';
import type { createStreamAccess, StreamChannel } from './stream-access.ts';

export interface StreamHandlerOptions {
  readonly deps: CallDependencies;
  readonly registry: CallRegistry;
  readonly telemetry: Telemetry;
  readonly checkAccess: ReturnType<typeof createStreamAccess>;
  readonly openStream: (socket: WebSocket, listener: MediaStreamListener) => MediaStream;
}

/** @returns resolves when socket and call are over. No vendor is contacted before the token is accepted. */
export function createStreamHandler(
  options: StreamHandlerOptions,
): (socket: WebSocket, channel?: StreamChannel) => Promise<void> {
  const { deps, registry, telemetry } = options;
  const { clock } = deps;

  return (socket, channel = 'phone') =>
    new Promise((resolve) => {
      const acceptedAtMs = clock.nowMs();
      let call: CallSession | undefined;
      let ended = false;

      const begin = async (start: StreamStart) => {
        const access = await options.checkAccess(start, channel);
        if ('refused' in access) {
          const { callSid } = start;
          telemetry.emit('warn', {
            msg: 'access.refused',
            what: 'stream-token',
            reason: access.refused,
            callSid,
          });
          telemetry.metric('CallsRefused', 1);
          stream.close('refused');
          return;
        }
        if (ended) return;
        telemetry.metric('StreamConnectMs', clock.nowMs() - acceptedAtMs);
        const { claims } = access;
        const onFailure = createFailureReport(telemetry, claims.callSid);
        const past = await readPast(claims, { store: deps.store, clock, onFailure });
        if (ended) return;
        const started = startCall(deps, { claims, start, stream, past });
        call = started;
        registry.add(started);
        await started.done;
        registry.remove(started);
        resolve();
      };

      /** A call that cannot be begun is our mistake: the caller is handed back, and the process goes on. */
      const cannotBegin = (error: unknown) => {
        telemetry.log('error', {
          msg: 'call.not-begun',
          error: error instanceof Error ? error.name : 'unknown',
        });
        telemetry.metric('CallsFailed', 1);
        stream.close();
        resolve();
      };

      const stream = options.openStream(socket, {
        onStart: (start) => void begin(start).catch(cannotBegin),
        onMedia: (audio) => call?.onMedia(audio),
        onMark: (name) => call?.onMark(name),
        onDtmf: (digit) => call?.onDtmf(digit),
        onEnd: () => {
          ended = true;
          if (call) call.onStreamEnd();
          else resolve();
        },
      });
    });
}

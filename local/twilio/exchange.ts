/**
 * A simulated Twilio, as strict as the real one: carries calls of simulated phones, asks webhooks, runs streams,
 * answers REST, and keeps a ledger of everything it saw.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type DialBehaviour, type SimulatedCall, startCall } from './call.ts';
import type { CallLedger } from './ledger.ts';
import { createPhoneLine } from './phone-line.ts';
import { answerRest } from './rest.ts';

export interface ExchangeOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly accountSid: string;
  readonly authToken: string;
  /** The person a call is transferred to. */
  readonly dial?: DialBehaviour;
}

export interface SimulatedTwilio {
  /** REST address. */
  readonly url: string;
  /** Where simulated phones connect. */
  readonly phoneUrl: string;
  ledger(): readonly CallLedger[];
  close(): Promise<void>;
}

const phonePath = '/_simulated/phone';
/** Calls remembered after their end. */
const callsMax = 10_000;

/** Rejects when it cannot listen. */
export async function startSimulatedTwilio(options: ExchangeOptions): Promise<SimulatedTwilio> {
  const { accountSid, authToken } = options;
  const calls = new Map<string, SimulatedCall>();
  const ledger = () => [...calls.values()].map((call) => call.ledger);
  const phones = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer((request, response) => {
    if (request.url === '/_simulated/ledger') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ calls: ledger() }));
      return;
    }
    void answerRest({ accountSid, authToken, calls }, request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== phonePath) return void socket.destroy();
    phones.handleUpgrade(request, socket, head, (phone) => connectPhone(options, calls, phone));
    return undefined;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    phoneUrl: `ws://127.0.0.1:${port}${phonePath}`,
    ledger,
    async close() {
      for (const call of calls.values()) call.hangUp();
      await Promise.allSettled([...calls.values()].map(({ done }) => done));
      for (const phone of phones.clients) phone.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One phone makes one call; a phone that goes away has hung up. */
function connectPhone(options: ExchangeOptions, calls: Map<string, SimulatedCall>, socket: WebSocket): void {
  let call: SimulatedCall | undefined;
  const line = createPhoneLine(socket, (message) => {
    if (message.type === 'dtmf') return call?.dtmf(message.digit);
    if (message.type === 'hang-up') return call?.hangUp();
    if (call) return line.send({ type: 'refused', problem: 'This phone has made its call' });
    call = startCall({
      accountSid: options.accountSid,
      authToken: options.authToken,
      from: message.from,
      to: message.to,
      voiceUrl: message.url,
      statusCallback: message.statusCallback,
      line,
      dial: options.dial ?? 'answers',
    });
    calls.set(call.callSid, call);
    const [oldest] = calls.keys();
    if (calls.size > callsMax && oldest !== undefined) calls.delete(oldest);
    return undefined;
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => call?.hangUp());
}

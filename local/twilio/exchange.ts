/**
 * A simulated Twilio, as strict as the real one: carries calls of simulated phones, asks webhooks, runs streams,
 * answers REST, and keeps a ledger of everything it saw. One server on the loopback address.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type InboundOptions, type SimulatedCall, startInboundCall } from './call.ts';
import { createCallRegistry } from './call-registry.ts';
import { createFaults, type FaultControls } from './faults.ts';
import type { CallLedger } from './ledger.ts';
import type { PhoneLine } from './phone-line.ts';
import { createPhones, type Dial, type PhoneCall } from './phones.ts';
import { createRest } from './rest.ts';
import { type Callee, defaultCallee, scriptedCallee } from './scripted-callee.ts';
import type { ExchangeSettings } from './settings.ts';

export interface ExchangeOptions extends ExchangeSettings {
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

export interface SimulatedTwilio {
  /** Origin of the REST API, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where simulated phones connect. */
  readonly phoneUrl: string;
  /** Every call it remembers, oldest first; those that go on are not complete. */
  ledger(): readonly CallLedger[];
  readonly faults: FaultControls;
  /** Ends every call, tells whoever has to be told, and frees the port. */
  close(): Promise<void>;
}

const phonePath = '/_simulated/phone';
const ledgerPath = '/_simulated/ledger';
/** A message of a phone: two minutes of speech at most. */
const phoneMessageBytesMax = 1024 * 1024;

/** Rejects when it cannot listen. */
export async function startSimulatedTwilio(options: ExchangeOptions): Promise<SimulatedTwilio> {
  const calls = createCallRegistry();
  const faults = createFaults();
  const ring: Callee = (incoming) => {
    const behaviour = options.callees?.[incoming.to] ?? options.otherCallees ?? defaultCallee;
    return (phones.at(incoming.to) ?? scriptedCallee(behaviour))(incoming);
  };
  const phones = createPhones((message, phone) => {
    const begun = inboundOptions(message, phone, options);
    if (typeof begun === 'string') return begun;
    return calls.add(startInboundCall({ ...begun, settings: options, faults, ring }));
  });
  const rest = createRest({ settings: options, faults, calls, ring });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: phoneMessageBytesMax,
  });
  const server = createServer((request, response) => {
    if (!answerLedger(request, response, calls.ledger())) void rest(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === phonePath) sockets.handleUpgrade(request, socket, head, phones.connect);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    phoneUrl: `ws://127.0.0.1:${port}${phonePath}`,
    ledger: calls.ledger,
    faults: faults.controls,
    async close() {
      await calls.endAll();
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns why the call cannot be made, or what it starts with. */
function inboundOptions(
  message: Dial,
  phone: PhoneLine,
  { numbers }: ExchangeSettings,
): Omit<InboundOptions, 'settings' | 'faults' | 'ring'> | string {
  const number = numbers?.find(({ number: own }) => own === message.to);
  if (numbers && !number) return 'The number you have dialled is not in service';
  const voiceUrl = message.voiceUrl ?? number?.voiceUrl;
  if (voiceUrl === undefined) return 'The number has no voice URL: the call fails at once';
  const callback = message.statusCallback ?? number?.statusCallback;
  return {
    from: message.from,
    to: message.to,
    phone,
    params: message.params ?? {},
    voice: { url: voiceUrl, method: number?.voiceMethod ?? 'POST' },
    fallbackUrl: message.fallbackUrl ?? number?.voiceFallbackUrl,
    statusCallback:
      callback === undefined
        ? undefined
        : { address: { url: callback, method: 'POST' }, events: new Set(['completed']) },
  };
}

function answerLedger(
  request: IncomingMessage,
  response: ServerResponse,
  ledger: readonly CallLedger[],
): boolean {
  if (request.url?.split('?')[0] !== ledgerPath) return false;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ calls: ledger }));
  return true;
}

export type { CallLedger, PhoneCall, SimulatedCall };

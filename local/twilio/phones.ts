/** The simulated phones that are connected: each dials one call, or waits at a number to be called. */
import type { WebSocket } from 'ws';
import { createPhoneLine, type PhoneLine, type PhoneMessage } from './phone-line.ts';
import type { Callee, CalleeAnswer, Ring } from './scripted-callee.ts';

export type Dial = Extract<PhoneMessage, { type: 'dial' }>;

/** The side of a call that a phone can act on. */
export interface PhoneCall {
  press(digit: string): void;
  hangUp(): void;
}

export interface Phones {
  connect(socket: WebSocket): void;
  /** The phone that waits at a number, if any. */
  at(number: string): Callee | undefined;
}

/** What a registered phone is doing: called, or talking. */
interface Incoming extends PhoneCall {
  answer(): void;
  decline(): void;
}

/** @param dial begins a call, or says why not. */
export function createPhones(dial: (message: Dial, phone: PhoneLine) => PhoneCall | string): Phones {
  const registered = new Map<string, Callee>();

  const connect = (socket: WebSocket) => {
    let call: PhoneCall | undefined;
    let incoming: Incoming | undefined;
    let number: string | undefined;
    const callee: Callee = (ring) =>
      receive(phone, ring, (next) => {
        incoming = next;
      });
    const register = (at: string) => {
      number = at;
      registered.set(at, callee);
      phone.send({ type: 'registered', number: at });
    };
    const begin = (message: Dial) => {
      if (call) return phone.send({ type: 'refused', problem: 'This phone has made its call' });
      const begun = dial(message, phone);
      if (typeof begun === 'string') return phone.send({ type: 'refused', problem: begun });
      call = begun;
      return undefined;
    };
    const phone = createPhoneLine(socket, (message) => {
      if (message.type === 'dial') return begin(message);
      if (message.type === 'register') return register(message.number);
      if (message.type === 'answer') return incoming?.answer();
      if (message.type === 'decline') return incoming?.decline();
      const current = incoming ?? call;
      return message.type === 'dtmf' ? current?.press(message.digit) : current?.hangUp();
    });
    socket.on('error', () => socket.terminate());
    // A phone that goes away has hung up.
    socket.on('close', () => {
      if (number !== undefined && registered.get(number) === callee) registered.delete(number);
      incoming?.hangUp();
      call?.hangUp();
    });
  };

  return { connect, at: (number) => registered.get(number) };
}

function receive(
  phone: PhoneLine,
  { callSid, from, to, signal }: Ring,
  take: (incoming: Incoming | undefined) => void,
): Promise<CalleeAnswer> {
  const gone = new AbortController();
  return new Promise((resolve) => {
    const finish = (answer: CalleeAnswer) => {
      signal.removeEventListener('abort', giveUp);
      if (answer.did !== 'answer') take(undefined);
      resolve(answer);
    };
    const giveUp = () => {
      phone.send({ type: 'ended', status: 'canceled' });
      finish({ did: 'let-ring' });
    };
    const answer = () =>
      finish({
        did: 'answer',
        party: phone,
        answeredBy: 'human',
        gone: gone.signal,
        release: () => take(undefined),
      });
    const decline = () => finish({ did: 'decline' });
    take({
      answer,
      decline,
      press: () => undefined,
      hangUp() {
        gone.abort();
        decline();
      },
    });
    signal.addEventListener('abort', giveUp, { once: true });
    phone.send({ type: 'incoming', callSid, from, to });
    if (signal.aborted) giveUp();
  });
}

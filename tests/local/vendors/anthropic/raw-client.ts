/** Requests to the simulated Messages API, written by hand, and its events as they came. */
import {
  type SimulatedAnthropic,
  type SimulatedAnthropicOptions,
  startSimulatedAnthropic,
} from '#local/vendors/anthropic/server.ts';

export const apiKey = 'key-for-tests';
const open: SimulatedAnthropic[] = [];
export const closeAll = () => Promise.all(open.map((server) => server.close()));

export async function start(options: Partial<SimulatedAnthropicOptions> = {}): Promise<SimulatedAnthropic> {
  const delays = { firstTokenMs: 1, tokensPerSec: 100_000, thinkingMs: 1 };
  const server = await startSimulatedAnthropic({ apiKey, delays, ...options });
  open.push(server);
  return server;
}

export const say = (text: string) => ({ role: 'user', content: text });
export const basic = {
  model: 'claude-haiku-5-5',
  max_tokens: 200,
  messages: [say('My name is Robin and school worries me')],
  thinking: { type: 'disabled' },
};

const current = { authorization: `Bearer ${apiKey}`, 'anthropic-version': '2026-10-21' };

export function post(
  server: SimulatedAnthropic,
  body: unknown,
  headers: Record<string, string> = current,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation?: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}
export interface Answer {
  readonly content: { type: string; text?: string; name?: string; input?: object; thinking?: string }[];
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  readonly usage: Usage;
}

export async function ask(server: SimulatedAnthropic, body: object): Promise<Answer> {
  const response = await post(server, { ...basic, ...body });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export interface StreamEvent {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** Reads to the end of the body. */
export async function* events(response: Response): AsyncGenerator<StreamEvent> {
  let unread = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    unread += chunk;
    const complete = unread.split('\n\n');
    unread = complete.pop() ?? '';
    for (const text of complete) {
      const [name, data] = text.split('\n');
      yield {
        name: String(name?.replace('event: ', '')),
        data: JSON.parse(String(data?.replace('data: ', ''))) as Record<string, unknown>,
      };
    }
  }
}

export async function stream(server: SimulatedAnthropic, body: object): Promise<StreamEvent[]> {
  const response = await post(server, { ...basic, ...body, stream: true });
  const received: StreamEvent[] = [];
  for await (const event of events(response)) received.push(event);
  return received;
}

/** Why a streamed answer ended, as its last but one event says. */
export function stopReasonOf(received: readonly StreamEvent[]): string | undefined {
  const delta = received.at(-2)?.data['delta'] as { readonly stop_reason?: string } | undefined;
  return delta?.stop_reason;
}

/** All text of a streamed answer. */
export const textOf = (received: readonly StreamEvent[]): string =>
  received.map(({ data }) => (data['delta'] as { text?: string } | undefined)?.text ?? '').join('');

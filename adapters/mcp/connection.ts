/** One session with a tool server over streamable HTTP. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { JsonObject } from '#core/json.ts';
import { unlessAborted } from './deadline.ts';
import { saysSessionExpired, tooManyPagesError } from './failures.ts';
import { type CallResult, callResultSchema } from './tool-result.ts';

export interface ConnectionSettings {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly clientName: string;
  readonly clientVersion: string;
}

export interface Connection {
  /** The tools as the server describes them. */
  list(signal: AbortSignal): Promise<readonly unknown[]>;
  call(name: string, input: JsonObject, signal: AbortSignal): Promise<CallResult>;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
  /** Whether a failure means that this session is over, while the server may be well. */
  expiredBy(cause: unknown): boolean;
  /** Tells the server that the session is over, then lets go of it. Never throws. */
  close(signal: AbortSignal): Promise<void>;
}

/** Pages of one listing: with a handful of tools on each this is far beyond what can be offered. */
const listPagesMax = 20;

/** The SDK's own bound for a request. Ours, on the same clock as the rest, is shorter and tells first. */
const sdkTimeoutMs = 30_000;

const listPageSchema = z.looseObject({
  tools: z.array(z.unknown()),
  nextCursor: z.string().nullish(),
});

async function listAll(client: Client, signal: AbortSignal): Promise<readonly unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < listPagesMax; page += 1) {
    // Not `listTools`: it compiles every output schema, and one that is wrong would lose the whole list.
    const listed = await client.request(
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
      listPageSchema,
      { signal, timeout: sdkTimeoutMs },
    );
    tools.push(...listed.tools);
    if (!listed.nextCursor) return tools;
    cursor = listed.nextCursor;
  }
  throw tooManyPagesError();
}

function createTransport({ url, token }: ConnectionSettings): StreamableHTTPClientTransport {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}

async function connect(
  client: Client,
  transport: StreamableHTTPClientTransport,
  signal: AbortSignal,
): Promise<void> {
  // The SDK gives its own bound to the first of the two requests that this takes, and none to the second.
  await unlessAborted(
    // The SDK declares `sessionId` in a way that exact optional properties refuse.
    client.connect(transport as Parameters<Client['connect']>[0], { signal, timeout: sdkTimeoutMs }),
    signal,
  );
}

const callTool = (
  client: Client,
  params: { readonly name: string; readonly arguments: JsonObject },
  signal: AbortSignal,
): Promise<CallResult> =>
  client.request({ method: 'tools/call', params }, callResultSchema, {
    signal,
    timeout: sdkTimeoutMs,
    maxTotalTimeout: sdkTimeoutMs,
  });

/**
 * @param onToolsChanged the server has other tools than it had.
 * @throws what the SDK throws; see `toolServerError`.
 */
export async function openConnection(
  settings: ConnectionSettings,
  { signal, onToolsChanged }: { readonly signal: AbortSignal; readonly onToolsChanged: () => void },
): Promise<Connection> {
  const transport = createTransport(settings);
  const client = new Client({ name: settings.clientName, version: settings.clientVersion });
  client.setNotificationHandler(ToolListChangedNotificationSchema, onToolsChanged);
  try {
    await connect(client, transport, signal);
  } catch (cause) {
    await client.close();
    throw cause;
  }

  const underWay = new Set<Promise<CallResult>>();

  return {
    list: (listSignal) => listAll(client, listSignal),
    call(name, input, callSignal) {
      const answer = callTool(client, { name, arguments: input }, callSignal);
      underWay.add(answer);
      const over = () => void underWay.delete(answer);
      answer.then(over, over);
      return answer;
    },
    async idle() {
      await Promise.allSettled(underWay);
    },
    // A server that keeps no sessions cannot have lost one.
    expiredBy: (cause) => transport.sessionId !== undefined && saysSessionExpired(cause),
    async close(closeSignal) {
      // Whether the server hears of it or not, we are gone.
      await unlessAborted(transport.terminateSession(), closeSignal).catch(() => undefined);
      await client.close().catch(() => undefined);
    },
  };
}

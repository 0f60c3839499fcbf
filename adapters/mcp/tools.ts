/** `Tools` over one MCP server. */
import type { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ToolCall } from '#core/ports/language-model.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { ToolResult, ToolRunOptions, Tools } from '#core/ports/tools.ts';
import type { OfferedTool } from './catalogue.ts';
import { startDeadline, unlessAborted } from './deadline.ts';
import { saysServerAway, timeoutError, toolServerError } from './failures.ts';
import { type CallResult, toolResult } from './tool-result.ts';
import { createToolServer, type Session, type ToolServer } from './tool-server.ts';

export interface McpToolsOptions {
  /** The server's one endpoint. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly clientName: string;
  readonly clientVersion: string;
  /** For one run, whatever it takes: a caller waits behind it. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly telemetry?: Telemetry;
  /** Names that tools of our own have; a tool of the server gets another one. */
  readonly reservedNames?: readonly string[];
}

export interface McpTools extends Tools {
  /** Resolves when the tools were listed for the first time, or after `close`. For start-up messages and tests. */
  listed(): Promise<void>;
}

const failed = (code: string, content: string): ToolResult => ({ status: 'failed', code, content });

const unknownTool = failed('unknown-tool', 'There is no tool of this name.');
const serverAway = failed('unavailable', 'This tool cannot be reached at the moment.');
/** A server that has lost our session has not run the tool, but only the model knows whether it is still wanted. */
const sessionExpired = failed(
  'session-expired',
  'The tool was not run because its session had expired. The session has been renewed: the tool may be called again.',
);

/**
 * One call, repeated once in a new session when the old one turns out to be over, if the server declares the tool
 * read-only or idempotent.
 */
async function callTool(
  server: ToolServer,
  {
    call,
    tool,
    session,
    signal,
  }: { call: ToolCall; tool: OfferedTool; session: Session; signal: AbortSignal },
): Promise<CallResult | 'session-expired' | 'away'> {
  try {
    return await session.connection.call(tool.serverName, call.input, signal);
  } catch (cause) {
    if (!session.connection.expiredBy(cause)) throw cause;
  }
  server.lost(session);
  if (!tool.repeatable) return 'session-expired';
  const renewed = await unlessAborted(server.session(), signal);
  return renewed ? renewed.connection.call(tool.serverName, call.input, signal) : 'away';
}

async function runTool(server: ToolServer, call: ToolCall, signal: AbortSignal): Promise<ToolResult> {
  const session = await unlessAborted(server.session(), signal);
  if (!session) return serverAway;
  const tool = session.catalogue.find(call.name);
  if (!tool) return unknownTool;
  try {
    const answer = await callTool(server, { call, tool, session, signal });
    if (answer === 'session-expired') return sessionExpired;
    if (answer === 'away') return serverAway;
    return toolResult(answer);
  } catch (cause) {
    const error = toolServerError(cause);
    if (!signal.aborted && saysServerAway(error)) server.lost(session);
    throw error;
  }
}

/** Connects in the background; until then, and whenever the server is away, there are no tools. */
export function createMcpTools(options: McpToolsOptions): McpTools {
  const { clock, telemetry, timeoutMs, reservedNames = [] } = options;

  const report = (error: ProviderError, callSid?: ToolRunOptions['callSid']) => {
    const { provider, failure, code, retryable } = error;
    telemetry?.emit('warn', {
      msg: 'provider.failed',
      ...(callSid === undefined ? {} : { callSid }),
      provider,
      failure,
      ...(code === undefined ? {} : { code }),
      retryable,
    });
    telemetry?.metric('ToolErrors', 1);
  };
  const server = createToolServer({
    ...options,
    reservedNames,
    onAway: report,
    onListed: ({ definitions, leftOut }) =>
      telemetry?.log(leftOut > 0 ? 'warn' : 'info', {
        msg: 'tools.listed',
        tools: definitions.length,
        leftOut,
      }),
  });

  return {
    definitions: () => server.catalogue().definitions,
    async run(call, { callSid, signal }) {
      const deadline = startDeadline(clock, timeoutMs, signal);
      try {
        return await runTool(server, call, deadline.signal);
      } catch (cause) {
        if (deadline.expired) {
          report(timeoutError('call'), callSid);
          server.doubt();
          return { status: 'timed-out', afterMs: timeoutMs };
        }
        if (signal.aborted) return { status: 'cancelled' };
        const error = toolServerError(cause);
        report(error, callSid);
        return failed(
          error.code ?? error.failure,
          'The tool could not be used because of a technical problem.',
        );
      } finally {
        deadline.done();
      }
    },
    listed: server.listed,
    close: server.close,
  };
}

/** `tools/list` and `tools/call`. */
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Faults } from '../faults.ts';
import { sendJson } from '../http-server.ts';
import { pause } from '../pause.ts';
import { type CourtTool, findInputProblem, type ToolAnswer } from './court-tools.ts';
import type { Fault } from './faults.ts';
import { type RpcRequest, rpcCodes, rpcError, rpcResult } from './json-rpc.ts';
import type { Session } from './sessions.ts';

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** `left`: the client cancelled it, went away, or its session ended. */
  outcome: 'under-way' | 'answered' | 'failed' | 'left';
}

interface ToolService {
  readonly tools: readonly CourtTool[];
  readonly faults: Faults<Fault>;
  readonly calls: ToolCall[];
}

type Violate = (code: string, message: string) => void;

/** Fewer than there are, so that a client has to ask again. */
const toolsPerPage = 4;
const callsKeptMax = 1_000;

const encodeCursor = (from: number) => Buffer.from(`from:${from}`).toString('base64url');

/** @returns undefined for a cursor that was not given by us. */
function decodeCursor(cursor: unknown): number | undefined {
  if (cursor === undefined) return 0;
  const from = /^from:(\d+)$/.exec(Buffer.from(String(cursor), 'base64url').toString())?.[1];
  return from === undefined ? undefined : Number(from);
}

export function listTools({ tools }: ToolService, { id, params }: RpcRequest, violate: Violate): object {
  const from = decodeCursor(params?.['cursor']);
  if (from === undefined || from > tools.length) {
    violate('cursor', 'A cursor that the server has not given');
    return rpcError(id, rpcCodes.invalidParams, 'Invalid cursor');
  }
  const next = from + toolsPerPage;
  return rpcResult(id, {
    tools: tools.slice(from, next).map(({ name, title, description, inputSchema, readOnly }) => ({
      name,
      title,
      description,
      inputSchema,
      annotations: { readOnlyHint: readOnly, destructiveHint: false, idempotentHint: readOnly },
    })),
    ...(next < tools.length ? { nextCursor: encodeCursor(next) } : {}),
  });
}

const callSchema = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
  _meta: z.looseObject({ progressToken: z.union([z.string(), z.int()]).optional() }).optional(),
});
type CallParams = z.output<typeof callSchema>;

function answerOf(tool: CourtTool, input: CallParams['arguments']): ToolAnswer {
  const problem = findInputProblem(tool.inputSchema, input);
  return problem === undefined
    ? tool.answer(input as Record<string, string>)
    : { text: `The input does not fit: ${problem}`, isError: true };
}

/** A slow tool, or one that is asked for progress, answers by an event stream; the others by JSON. */
async function run(
  service: ToolService,
  { id }: RpcRequest,
  {
    tool,
    params,
    response,
  }: { readonly tool: CourtTool; readonly params: CallParams; readonly response: ServerResponse },
  signal: AbortSignal,
): Promise<ToolCall['outcome']> {
  const toolFails = service.faults.take('call', 'tool-error') !== undefined;
  const waitMs = service.faults.take('call', 'slow')?.ms ?? tool.takesMs;
  const progressToken = params._meta?.progressToken;
  const isStreamed = waitMs > 0 || progressToken !== undefined;
  const send = (message: object) => response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);

  if (isStreamed) {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
    });
    response.flushHeaders();
  }
  if (progressToken !== undefined)
    send({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken, progress: 0, total: 1 },
    });
  if (!(await pause(waitMs, signal))) {
    response.end();
    return 'left';
  }
  const answer = toolFails
    ? { text: 'The tool failed: asked for by a test', isError: true }
    : answerOf(tool, params.arguments);
  const result = rpcResult(id, {
    content: [{ type: 'text', text: answer.text }],
    isError: answer.isError === true,
  });
  if (isStreamed) {
    send(result);
    response.end();
  } else sendJson(response, 200, result);
  return answer.isError ? 'failed' : 'answered';
}

export async function callTool(
  service: ToolService,
  session: Session,
  message: RpcRequest,
  response: ServerResponse,
  violate: Violate,
): Promise<void> {
  const parsed = callSchema.safeParse(message.params);
  const tool = service.tools.find(({ name }) => name === parsed.data?.name);
  if (!parsed.success || !tool) {
    violate(
      'unknown-tool',
      parsed.success ? 'A tool that is not offered was called' : 'Invalid tools/call parameters',
    );
    const reason = parsed.success ? `Unknown tool: ${parsed.data.name.slice(0, 128)}` : 'Invalid params';
    return sendJson(response, 200, rpcError(message.id, rpcCodes.invalidParams, reason));
  }
  const params = parsed.data;
  const call: ToolCall = { name: tool.name, arguments: params.arguments, outcome: 'under-way' };
  service.calls.push(call);
  if (service.calls.length > callsKeptMax) service.calls.shift();

  const left = new AbortController();
  const onClose = () => left.abort();
  response.on('close', onClose);
  session.underWay.set(message.id, left);
  try {
    call.outcome = await run(service, message, { tool, params, response }, left.signal);
  } finally {
    session.underWay.delete(message.id);
    response.off('close', onClose);
  }
}

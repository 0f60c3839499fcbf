import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type SimulatedMcp, type SimulatedMcpOptions, startSimulatedMcp } from '#local/vendors/mcp/server.ts';

const open: SimulatedMcp[] = [];
after(() => Promise.all(open.map((server) => server.close())));

async function start(options: SimulatedMcpOptions = {}): Promise<SimulatedMcp> {
  const server = await startSimulatedMcp(options);
  open.push(server);
  return server;
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

function post(
  server: SimulatedMcp,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method: 'POST', headers: { ...json, ...headers }, body: text };
  return fetch(server.url, signal ? { ...init, signal } : init);
}

const initializeParams = (protocolVersion = '2025-11-25') => ({
  protocolVersion,
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});
const rpc = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const notification = (method: string, params: object = {}) => ({ jsonrpc: '2.0', method, params });

/** Initializes as a client must; @returns the headers of all further requests. */
async function connect(server: SimulatedMcp): Promise<Record<string, string>> {
  const response = await post(server, rpc(0, 'initialize', initializeParams()));
  const headers = {
    'mcp-session-id': response.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  const ready = await post(server, notification('notifications/initialized'), headers);
  assert.equal(ready.status, 202);
  return headers;
}

interface Reply {
  readonly id: number;
  readonly result?: Record<string, unknown> & { tools?: { name: string }[]; nextCursor?: string };
  readonly error?: { readonly code: number };
}

/** The messages of an answer, whichever of the two forms it has. */
async function messages(response: Response): Promise<Reply[]> {
  const text = await response.text();
  if (response.headers.get('content-type')?.includes('application/json')) return [JSON.parse(text) as Reply];
  return text.split('\n\n').flatMap((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    return data ? [JSON.parse(data) as Reply] : [];
  });
}
const message = async (response: Response) => (await messages(response)).at(-1);
const call = (id: number, name: string, input: object = {}, more: object = {}) =>
  rpc(id, 'tools/call', { name, arguments: input, ...more });
const textOf = (reply: Reply | undefined) =>
  (reply?.result?.['content'] as { text: string }[] | undefined)?.[0]?.text;
const codes = (server: SimulatedMcp) => server.violations().map(({ code }) => code);

describe('a client of the simulated MCP server', () => {
  it('initializes, lists the tools page by page, calls one, and ends its session', async () => {
    const server = await start();
    const session = await connect(server);

    const first = await message(await post(server, rpc(1, 'tools/list'), session));
    const cursor = first?.result?.nextCursor;
    const second = await message(await post(server, rpc(2, 'tools/list', { cursor }), session));
    const hearing = await message(await post(server, call(3, 'case.next_hearing'), session));
    const ended = await fetch(server.url, { method: 'DELETE', headers: session });
    const afterwards = await post(server, rpc(4, 'tools/list'), session);

    const tools = [...(first?.result?.tools ?? []), ...(second?.result?.tools ?? [])];
    assert.equal(tools.length, 6);
    assert.equal(second?.result?.nextCursor, undefined);
    assert.match(textOf(hearing) ?? '', /Tuesday/);
    assert.deepEqual([ended.status, afterwards.status], [200, 404]);
    assert.deepEqual(server.violations(), []);
  });

  it('is answered with the version it asked for, or the newest', async () => {
    const server = await start();
    const versionFor = async (asked: string) => {
      const response = await post(server, rpc(0, 'initialize', initializeParams(asked)));
      return (await message(response))?.result?.['protocolVersion'];
    };

    assert.equal(await versionFor('2025-06-18'), '2025-06-18');
    assert.equal(await versionFor('2030-01-01'), '2025-11-25');
  });

  it('gets a slow answer, and progress when it asks for it, as an event stream', async () => {
    const server = await start();
    const session = await connect(server);
    server.failNext({ on: 'call', kind: 'slow', ms: 5 });

    const slow = await post(server, call(1, 'case.parenting_schedule'), session);
    const meta = { _meta: { progressToken: 'p1' } };
    const watched = await messages(await post(server, call(2, 'notes.save', { note: 'Hi' }, meta), session));

    assert.match(slow.headers.get('content-type') ?? '', /event-stream/);
    assert.match(textOf(await message(slow)) ?? '', /week/);
    assert.equal(watched.length, 2);
    assert.equal(textOf(watched[1]), 'The note is saved. There is one note');
  });

  it('is told by the tool, not by an error, what is wrong with its input', async () => {
    const server = await start();
    const session = await connect(server);

    const unknown = await message(
      await post(server, call(1, 'case.next_hearing', { case_number: '1' }), session),
    );
    const missing = await message(await post(server, call(2, 'court.find_form'), session));
    const extra = await message(await post(server, call(3, 'notes.save', { note: 'x', by: 'me' }), session));

    assert.deepEqual(
      [unknown, missing, extra].map((reply) => reply?.result?.['isError']),
      [true, true, true],
    );
    assert.match(textOf(missing) ?? '', /purpose/);
  });

  it('can cancel a call, or go away: nothing more is done for it', async () => {
    const server = await start();
    const session = await connect(server);
    const leave = new AbortController();

    const cancelled = await post(server, call(1, 'case.parenting_schedule'), session);
    await post(
      server,
      notification('notifications/cancelled', { requestId: 1, reason: 'barge-in' }),
      session,
    );
    const received = await messages(cancelled);
    await post(server, call(2, 'case.parenting_schedule'), session, leave.signal);
    leave.abort();
    while (server.calls().some(({ outcome }) => outcome === 'under-way'))
      await new Promise((resolve) => setTimeout(resolve, 1));

    assert.deepEqual(received, []);
    assert.deepEqual(
      server.calls().map(({ outcome }) => outcome),
      ['left', 'left'],
    );
  });

  it('learns that its session has expired by 404, and may begin a new one', async () => {
    const server = await start();
    const old = await connect(server);

    server.expireSessions();
    const expired = await post(server, call(1, 'case.next_hearing'), old);
    const session = await connect(server);
    const again = await post(server, call(1, 'case.next_hearing'), session);

    assert.deepEqual([expired.status, again.status], [404, 200]);
    assert.deepEqual(server.violations(), []);
  });

  it('finds nothing to listen to', async () => {
    const server = await start();
    const session = await connect(server);

    const response = await fetch(server.url, { headers: { ...session, accept: 'text/event-stream' } });

    assert.equal(response.status, 405);
  });
});

describe('the simulated MCP server refuses', () => {
  it('a client without the token, or with a wrong one', async () => {
    const server = await start({ token: 'secret' });
    const hello = rpc(0, 'initialize', initializeParams());

    const none = await post(server, hello);
    const wrong = await post(server, hello, { authorization: 'Bearer wrong' });
    const right = await post(server, hello, { authorization: 'Bearer secret' });

    assert.deepEqual([none.status, wrong.status, right.status], [401, 401, 200]);
    assert.match(none.headers.get('www-authenticate') ?? '', /Bearer/);
  });

  for (const [what, headers, status] of [
    ['a client that takes no event streams', { accept: 'application/json' }, 406],
    ['a body that does not say it is JSON', { 'content-type': 'text/plain' }, 415],
    ['a web page of somewhere else', { origin: 'https://evil.example' }, 403],
  ] as const) {
    it(what, async () => {
      const server = await start();

      const response = await post(server, rpc(0, 'initialize', initializeParams()), headers);

      assert.equal(response.status, status);
      assert.equal(server.violations().length, 1);
    });
  }

  it('requests without a session or with another protocol version', async () => {
    const server = await start();
    const session = await connect(server);

    const noSession = await post(server, rpc(1, 'tools/list'), { 'mcp-protocol-version': '2025-11-25' });
    const noVersion = await post(server, rpc(2, 'tools/list'), {
      'mcp-session-id': session['mcp-session-id'] ?? '',
    });
    const other = await post(server, rpc(3, 'tools/list'), {
      ...session,
      'mcp-protocol-version': '2025-06-18',
    });

    assert.deepEqual([noSession.status, noVersion.status, other.status], [400, 400, 400]);
    assert.deepEqual(codes(server), ['no-session', 'version', 'version']);
  });

  it('what is not JSON-RPC: no JSON, a batch, an initialize without its parameters', async () => {
    const server = await start();

    const noJson = await message(await post(server, '{'));
    const batch = await message(await post(server, [rpc(0, 'ping')]));
    const bare = await message(await post(server, rpc(0, 'initialize')));

    assert.deepEqual(
      [noJson, batch, bare].map((reply) => reply?.error?.code),
      [-32_700, -32_600, -32_602],
    );
  });

  it('work before the client has said that it is ready', async () => {
    const server = await start();
    const hello = await post(server, rpc(0, 'initialize', initializeParams()));
    const session = {
      'mcp-session-id': hello.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': '2025-11-25',
    };

    const early = await message(await post(server, rpc(1, 'tools/list'), session));

    assert.equal(early?.error?.code, -32_600);
    assert.deepEqual(codes(server), ['not-initialized']);
  });

  it('an unknown tool, an unknown method, a made-up cursor, an id used twice', async () => {
    const server = await start();
    const session = await connect(server);
    const ask = async (body: object) => (await message(await post(server, body, session)))?.error?.code;

    assert.equal(await ask(call(1, 'case_next_hearing')), -32_602);
    assert.equal(await ask(rpc(2, 'resources/list')), -32_601);
    assert.equal(await ask(rpc(3, 'tools/list', { cursor: '4' })), -32_602);
    assert.equal(await ask(rpc(3, 'ping')), -32_600);
    assert.deepEqual(codes(server), ['unknown-tool', 'method', 'cursor', 'id']);
  });
});

describe('the simulated MCP server fails when asked to', () => {
  it('with a status, an error, a stream without an answer, a cut, or a failing tool', async () => {
    const server = await start();
    const session = await connect(server);
    const next = (id: number) => post(server, call(id, 'case.next_hearing'), session);

    server.failNext({ on: 'call', kind: 'status', status: 503 });
    const status = await next(1);
    server.failNext({ on: 'call', kind: 'rpc-error' });
    const error = await message(await next(2));
    server.failNext({ on: 'call', kind: 'no-answer' });
    const nothing = await messages(await next(3));
    server.failNext({ on: 'call', kind: 'cut' });
    await assert.rejects(next(4));
    server.failNext({ on: 'call', kind: 'tool-error' });
    const failed = await message(await next(5));
    const well = await message(await next(6));

    assert.equal(status.status, 503);
    assert.equal(error?.error?.code, -32_603);
    assert.deepEqual(nothing, []);
    assert.deepEqual([failed?.result?.['isError'], well?.result?.['isError']], [true, false]);
    assert.deepEqual(server.violations(), []);
  });
});

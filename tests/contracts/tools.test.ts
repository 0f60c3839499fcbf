import { createMcpTools } from '#adapters/mcp/tools.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { type McpFault, startSimulatedMcp } from '#local/vendors/mcp/server.ts';
import { startStrictToolServer, type ToolAnswer } from '#tests/adapters/mcp/strict-tool-server.ts';
import { eventually } from '#tests/support/running-stack.ts';
import { describeToolsContract, type ToolBehaviour, type ToolsSubject } from './tools-contract.ts';

/** A busy machine must not make a call fail that has nothing to do with time. */
const patientMs = 20_000;
/** Waited for in real time by one test. */
const impatientMs = 200;

const toolsAgainst = (url: string, timeoutMs = patientMs) =>
  createMcpTools({ url, clientName: 'voice-center', clientVersion: '1.0.0', timeoutMs, clock: systemClock });

const answers: Record<ToolBehaviour, ToolAnswer> = {
  fails: { result: { content: [{ type: 'text', text: 'There is no such case.' }], isError: true } },
  'never-answers': 'never',
  'is-broken': { status: 500 },
  'loses-socket': 'cut',
};

async function onStrictToolServer(): Promise<ToolsSubject> {
  const server = await startStrictToolServer();
  const inputSchema = { type: 'object', properties: { about: { type: 'string' } } };
  server.tools = [
    { name: 'notes.save', description: 'Saves a note', inputSchema },
    {
      name: 'case.next_hearing',
      description: 'Finds the next hearing',
      inputSchema,
      annotations: { readOnlyHint: true },
    },
  ];
  const tools = toolsAgainst(server.url);
  return {
    tools,
    async openImpatient() {
      const impatient = toolsAgainst(server.url, impatientMs);
      await impatient.listed();
      return impatient;
    },
    listed: tools.listed,
    reading: { name: 'case_next_hearing', input: { about: 'custody' } },
    writing: { name: 'notes_save', input: { about: 'custody' } },
    next: (behaviour) => server.answer(answers[behaviour]),
    nextCall: () => server.next('tools/call'),
    nextCancellation: () => server.next('notifications/cancelled'),
    forgetSessions: server.expireSessions,
    callsRun: () => server.calls.length,
    violations: () => server.breaches,
    close: server.close,
  };
}

describeToolsContract('MCP tools against a strict stand-in', onStrictToolServer);

const faults: Record<ToolBehaviour, McpFault> = {
  fails: { on: 'call', kind: 'tool-error' },
  'never-answers': { on: 'call', kind: 'slow', ms: 60_000 },
  'is-broken': { on: 'call', kind: 'status', status: 500 },
  'loses-socket': { on: 'call', kind: 'cut' },
};

async function onSimulatedServer(): Promise<ToolsSubject> {
  const server = await startSimulatedMcp();
  const tools = toolsAgainst(server.url);
  const oneMore = (count: () => number) => {
    const before = count();
    return eventually(() => (count() > before ? true : undefined), patientMs).then(() => undefined);
  };
  const ended = (...outcomes: readonly string[]) =>
    server.calls().filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    tools,
    async openImpatient() {
      const impatient = toolsAgainst(server.url, impatientMs);
      await impatient.listed();
      return impatient;
    },
    listed: tools.listed,
    reading: { name: 'resources_find_support', input: { kind: 'legal aid' } },
    writing: { name: 'notes_save', input: { note: 'Call back.' } },
    next: (behaviour) => server.failNext(faults[behaviour]),
    nextCall: () => oneMore(() => server.calls().length),
    nextCancellation: () => oneMore(() => ended('left')),
    forgetSessions: server.expireSessions,
    callsRun: () => ended('answered', 'failed'),
    violations: server.violations,
    close: server.close,
  };
}

describeToolsContract('MCP tools against the simulated server', onSimulatedServer);

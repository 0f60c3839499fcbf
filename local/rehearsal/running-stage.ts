/** A synthesised stage on this machine: its functions, routes, tables, task and permissions; vendors simulated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '#adapters/dynamodb/client.ts';
import { createSsmClient } from '#adapters/ssm/client.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { parameters } from '#lib/secrets/manifest.ts';
import { startEmbeddedDatabase } from '../database/embedded-database.ts';
import { developmentAwsCredentials } from '../development-values.ts';
import { type Handler, startHttpApi } from '../http/http-api.ts';
import { startSimulatedTwilio } from '../twilio/exchange.ts';
import { startSimulatedSsm } from '../vendors/ssm/server.ts';
import { startSimulatedVendors } from '../vendors/start.ts';
import { readAssembly } from './assembly.ts';
import { type AwsGate, startAwsGate } from './aws-gate.ts';
import { type RunningTask, startTask } from './media-task.ts';
import { readPermissions } from './permissions.ts';
import { type RunningFunction, runFunction } from './run-function.ts';
import { readStageParts, type StageParts } from './stage-parts.ts';
import { makeSecrets } from './values.ts';

export interface RunningStage {
  readonly parts: StageParts;
  /** The gateway on this machine. */
  readonly httpUrl: string;
  /** What Twilio is told, from the templates. */
  readonly publicUrl: string;
  readonly number: string;
  readonly phoneUrl: string;
  readonly recogniserUrl: string;
  readonly vendorUrls: readonly string[];
  readonly apiKey: string;
  readonly gate: AwsGate;
  readonly task: RunningTask;
  /** Everything the functions and the task have written. */
  output(): string;
  invoke(functionName: string, event: object): Promise<unknown>;
  close(): Promise<void>;
}

const region = 'us-east-1';

/** Names for whoever signs requests: the gate tells roles apart by them. */
const credentialsOf = (who: string) => ({
  ...developmentAwsCredentials,
  AWS_ACCESS_KEY_ID: who,
  AWS_REGION: region,
});
const executionKey = 'task-execution';
const taskKey = 'media-task';

type Cleanup = (() => unknown)[];

async function startTables(parts: StageParts, cleanup: Cleanup): Promise<string> {
  const database = await startEmbeddedDatabase({});
  cleanup.push(() => database.close());
  const client = createDynamoClient({ region, endpoint: database.url });
  for (const table of parts.tables) await client.send(new CreateTableCommand(table));
  client.destroy();
  return database.url;
}

async function startParameters(stage: string, values: Readonly<Record<string, string>>, cleanup: Cleanup) {
  const ssm = await startSimulatedSsm();
  cleanup.push(() => ssm.close());
  const client = createSsmClient({ region, endpoint: ssm.url });
  for (const { id, parameterName, type, description, optional } of parameters) {
    const value = values[id];
    if (value !== undefined)
      await writeParameter(client, { name: parameterName(stage), value, type, description });
    else if (!optional) throw new Error(`The rehearsal has no value for the secret ${id}`);
  }
  client.destroy();
  return ssm.url;
}

async function startVendors(values: Readonly<Record<string, string>>, folder: string, cleanup: Cleanup) {
  const vendors = await startSimulatedVendors({
    elevenlabs: true,
    anthropic: true,
    apiKeys: { elevenlabs: values['elevenlabs_api_key'] ?? '', anthropic: values['anthropic_api_key'] ?? '' },
    dataDir: path.join(folder, 'vendors'),
  });
  cleanup.push(() => vendors.close());
  return { elevenlabs: vendors.urls.elevenlabs ?? '', anthropic: vendors.urls.anthropic ?? '' };
}

/** Secrets as ECS gives them to a task: read by the execution role, by the names in the template. */
async function secretsOf({ task }: StageParts, gateUrl: string): Promise<Record<string, string>> {
  process.env['AWS_ACCESS_KEY_ID'] = executionKey;
  const client = createSsmClient({ region, endpoint: gateUrl });
  const stored = await createReadParameters(client)(Object.values(task.secrets));
  client.destroy();
  return Object.fromEntries(
    Object.entries(task.secrets).map(([variable, name]) => {
      const value = stored.get(name)?.value;
      if (value === undefined) throw new Error(`The task cannot start: there is no parameter ${name}`);
      return [variable, value];
    }),
  );
}

/** What the function that answers calls says about the stage. Throws when it is not told. */
function toldToTwilio({ functions }: StageParts) {
  const variables = functions.find(({ name }) => name.endsWith('inbound-call'))?.variables ?? {};
  const told = (name: string): string => {
    const value = variables[name];
    if (value === undefined) throw new Error(`The function that answers calls is not told ${name}`);
    return value;
  };
  return {
    accountSid: told('TWILIO_ACCOUNT_SID'),
    number: told('TWILIO_PHONE_NUMBER'),
    publicUrl: told('PUBLIC_BASE_URL'),
    mediaUrl: told('MEDIA_BASE_URL'),
  };
}

const rolesOf = ({ functions, task }: StageParts): ReadonlyMap<string, string> =>
  new Map([
    ...functions.map(({ name, role }) => [name, role] as const),
    [taskKey, task.role],
    [executionKey, task.executionRole],
  ]);

/** @param folder a cloud assembly of one stage. Rejects when a part cannot start; nothing is left running then. */
export async function runStage(stage: string, folder: string): Promise<RunningStage> {
  const cleanup: Cleanup = [];
  const close = async () => {
    for (const undo of cleanup.reverse()) await undo();
  };
  try {
    return { ...(await start(stage, folder, cleanup)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(stage: string, folder: string, cleanup: Cleanup): Promise<Omit<RunningStage, 'close'>> {
  Object.assign(process.env, developmentAwsCredentials);
  const assembly = readAssembly(folder);
  const parts = readStageParts(assembly);
  const { apiKey, values } = makeSecrets();
  const work = mkdtempSync(path.join(tmpdir(), 'rehearsal-'));
  cleanup.push(() => rmSync(work, { recursive: true, force: true }));
  let output = '';
  const onOutput = (text: string) => {
    output += text;
  };
  const [databaseUrl, ssmUrl, vendors] = await Promise.all([
    startTables(parts, cleanup),
    startParameters(stage, values, cleanup),
    startVendors(values, work, cleanup),
  ]);
  const gate = await startAwsGate({
    databaseUrl,
    ssmUrl,
    tableArns: parts.tableArns,
    parameterArnPrefix: parts.task.parameterArnPrefix,
    permissions: readPermissions(assembly),
    roles: rolesOf(parts),
  });
  cleanup.push(() => gate.close());
  const endpoints = { AWS_ENDPOINT_URL_DYNAMODB: gate.url, AWS_ENDPOINT_URL_SSM: gate.url };
  const task = await startTask(parts.task, {
    folder: work,
    variables: {
      ...(await secretsOf(parts, gate.url)),
      ...credentialsOf(taskKey),
      ...endpoints,
      ELEVENLABS_BASE_URL: vendors.elevenlabs,
      ANTHROPIC_BASE_URL: vendors.anthropic,
    },
    onOutput,
  });
  cleanup.push(() => task.kill());
  const functions = new Map<string, RunningFunction>();
  cleanup.push(() => Promise.all([...functions.values()].map((one) => one.close())));
  const handlers = new Map<string, Handler>(
    parts.functions.map(({ name }) => [name, (event) => functions.get(name)?.invoke(event)]),
  );
  const api = await startHttpApi({
    routes: parts.routes,
    handlers,
    port: 0,
    onFunctionError: (name, error) => onOutput(`${name}: ${String(error)}\n`),
  });
  cleanup.push(() => api.close());
  const httpUrl = `http://127.0.0.1:${api.port}`;
  const told = toldToTwilio(parts);
  const { accountSid, publicUrl, mediaUrl, number } = told;
  const twilio = await startSimulatedTwilio({
    accountSid,
    authToken: values['twilio_auth_token'] ?? '',
    origins: { [publicUrl]: httpUrl, [mediaUrl]: task.url.replace('http', 'ws') },
  });
  cleanup.push(() => twilio.close());
  for (const spec of parts.functions) {
    const variables = { ...credentialsOf(spec.name), ...endpoints, TWILIO_API_BASE_URL: twilio.url };
    functions.set(spec.name, runFunction(spec, { folder: work, variables, onOutput }));
  }
  return {
    parts,
    httpUrl,
    publicUrl,
    number,
    phoneUrl: twilio.phoneUrl,
    recogniserUrl: vendors.elevenlabs,
    vendorUrls: [vendors.elevenlabs, vendors.anthropic],
    apiKey,
    gate,
    task,
    output: () => output,
    invoke: async (name, event) => functions.get(name)?.invoke(event),
  };
}

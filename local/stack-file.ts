/** `$DATA_DIR/stack.json`: how `npm run call` and other tools find the running stack. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isAlive, writeJsonFile } from './daemons/daemon-file.ts';
import type { LocalEnvironment } from './environment.ts';
import { logFilePath } from './logs/log-file.ts';
import type { Services } from './services.ts';

const vendorSchema = z.object({ simulated: z.boolean(), url: z.string().optional() });

export const stackSchema = z.object({
  /** The process that wrote the file and removes it. */
  pid: z.number().int(),
  /** Without a slash at the end. */
  httpUrl: z.string(),
  mediaUrl: z.string(),
  elevenlabs: vendorSchema,
  anthropic: vendorSchema,
  mcp: vendorSchema,
  twilio: vendorSchema.extend({
    /** WebSocket of the simulated phone; absent when Twilio is not simulated. */
    phoneUrl: z.string().optional(),
    accountSid: z.string(),
    /** E.164. */
    number: z.string(),
  }),
  /** Where the embedded database answers; absent when it is another one. */
  databaseUrl: z.string().optional(),
  apiKey: z.string(),
  logFile: z.string(),
});
export type Stack = z.infer<typeof stackSchema>;

export const stackFile = (dataDir: string): string => path.join(dataDir, 'stack.json');

export function describeStack(environment: LocalEnvironment, services: Services): Stack {
  const variables = services.variables();
  const vendor = (name: 'elevenlabs' | 'anthropic' | 'mcp' | 'twilio', variable: string) => {
    const mode = environment.vendors[name];
    const url = mode.mode === 'simulated' ? variables[variable] : mode.url;
    return { simulated: mode.mode === 'simulated', ...(url !== undefined && { url }) };
  };
  const phoneUrl = services.phoneUrl();
  return {
    pid: process.pid,
    httpUrl: environment.httpUrl,
    mediaUrl: environment.mediaUrl,
    elevenlabs: vendor('elevenlabs', 'ELEVENLABS_BASE_URL'),
    anthropic: vendor('anthropic', 'ANTHROPIC_BASE_URL'),
    mcp: vendor('mcp', 'MCP_URL'),
    twilio: {
      ...vendor('twilio', 'TWILIO_API_BASE_URL'),
      ...(phoneUrl !== undefined && { phoneUrl }),
      accountSid: variables['TWILIO_ACCOUNT_SID'] ?? '',
      number: variables['TWILIO_PHONE_NUMBER'] ?? '',
    },
    ...(variables['AWS_ENDPOINT_URL_DYNAMODB'] !== undefined && {
      databaseUrl: variables['AWS_ENDPOINT_URL_DYNAMODB'],
    }),
    apiKey: variables['OUTBOUND_API_KEY'] ?? '',
    logFile: logFilePath(environment.dataDir),
  };
}

export function writeStackFile(dataDir: string, stack: Stack): void {
  writeJsonFile(stackFile(dataDir), stack);
}

/** @returns undefined when there is none that can be read. */
function readStackFile(dataDir: string): Stack | undefined {
  try {
    return stackSchema.safeParse(JSON.parse(readFileSync(stackFile(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The stack that runs over this folder, if one does. */
export function readRunningStack(dataDir: string): Stack | undefined {
  const stack = readStackFile(dataDir);
  return stack !== undefined && isAlive(stack.pid) ? stack : undefined;
}

/** Whether a living process has described the stack already. */
export function isStackDescribed(dataDir: string): boolean {
  return readRunningStack(dataDir) !== undefined;
}

/** Removes the file if this process wrote it. */
export function removeStackFile(dataDir: string): void {
  if (readStackFile(dataDir)?.pid === process.pid) rmSync(stackFile(dataDir), { force: true });
}

/** Where a simulated call goes: the running center, with a Twilio of our own when it has none. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { loadEnvironment } from '../environment.ts';
import { type Stack, stackFile, stackSchema } from '../stack-file.ts';
import { startSimulatedTwilio } from '../twilio/exchange.ts';

export interface CallTarget {
  readonly dataDir: string;
  /** Without a slash at the end. */
  readonly httpUrl: string;
  readonly phoneUrl: string;
  /** The simulated recogniser; undefined when the real one listens. */
  readonly recogniserUrl: string | undefined;
  /** Ours, E.164. */
  readonly number: string;
  readonly apiKey: string;
  /** JSON lines of every process of the stack; undefined when they go elsewhere. */
  readonly logFile: string | undefined;
  close(): Promise<void>;
}

/** Nothing can be called. The message says what to do. */
export class NoTargetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoTargetError';
  }
}

const probeTimeoutMs = 3_000;

/**
 * Throws `NoTargetError`.
 * @param url address of the HTTP API, in place of `PUBLIC_BASE_URL` and of what the running center says
 */
export async function findTarget(url: string | undefined): Promise<CallTarget> {
  const result = loadEnvironment();
  if (!result.ok) throw new NoTargetError(result.problems.join('\n'));
  const { dataDir, httpUrl: usualUrl, variables } = result.environment;
  const stack = readStack(dataDir);
  const httpUrl = (url ?? process.env['PUBLIC_BASE_URL'] ?? stack?.httpUrl ?? usualUrl).replace(/\/+$/, '');
  await checkApi(httpUrl);
  const running = stack?.twilio.phoneUrl;
  const exchange =
    running !== undefined && (await isListening(running))
      ? undefined
      : await startSimulatedTwilio({
          accountSid: variables['TWILIO_ACCOUNT_SID'] ?? '',
          // During a rotation there are two; Twilio signs with one.
          authToken: variables['TWILIO_AUTH_TOKEN']?.split(',')[0]?.trim() ?? '',
        });
  return {
    dataDir,
    httpUrl,
    phoneUrl: exchange?.phoneUrl ?? running ?? '',
    recogniserUrl: stack?.elevenlabs.simulated ? stack.elevenlabs.url : undefined,
    number: stack?.twilio.number ?? variables['TWILIO_PHONE_NUMBER'] ?? '',
    apiKey: stack?.apiKey ?? variables['OUTBOUND_API_KEY']?.split(',')[0]?.trim() ?? '',
    logFile: stack?.logFile,
    close: async () => exchange?.close(),
  };
}

/** @returns undefined when nothing runs from this folder, or wrote it differently. */
function readStack(dataDir: string): Stack | undefined {
  try {
    return stackSchema.safeParse(JSON.parse(readFileSync(stackFile(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function checkApi(httpUrl: string): Promise<void> {
  if (!URL.canParse(httpUrl) || !/^https?:$/.test(new URL(httpUrl).protocol))
    throw new NoTargetError(`"${httpUrl}" is not an address. Give one such as --url http://127.0.0.1:3000.`);
  try {
    const response = await fetch(`${httpUrl}/health`, { signal: AbortSignal.timeout(probeTimeoutMs) });
    await response.arrayBuffer();
  } catch {
    throw new NoTargetError(
      `Nothing answers at ${httpUrl}. Start the center with "npm start" in another terminal, or say where it is with --url.`,
    );
  }
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port), timeout: probeTimeoutMs });
    const finish = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

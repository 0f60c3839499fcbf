import { networkFailure, refusal, unreadableAnswer } from './rest-failures.ts';

/** An update is answered in well under a second; a caller waits behind it. */
const defaultTimeoutMs = 5_000;
/** Largest answer read: a call resource has about 2 KB. */
const usualAnswerBytesMax = 64 * 1024;

export interface TwilioRestOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Such as `https://api.twilio.com`. */
  readonly baseUrl: string;
  /** From request to the whole answer. */
  readonly timeoutMs?: number;
  readonly answerBytesMax?: number;
  readonly fetch?: typeof fetch;
}

/** Twilio's REST API of one account: plain HTTP, a twentieth of the vendor's client in size. */
export interface RestClient {
  /**
   * One form post, once.
   * @param path below the account, such as `/Calls.json`.
   * @returns the JSON of the answer, undefined when it is none.
   * Throws `ProviderError`, or `CancelledError` when the signal aborted.
   */
  post(path: string, form: URLSearchParams, signal: AbortSignal): Promise<unknown>;
  /** One read, with the same answers and errors. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

export function createRestClient(options: TwilioRestOptions): RestClient {
  const { accountSid, authToken, timeoutMs = defaultTimeoutMs, fetch: send = fetch } = options;
  const { answerBytesMax = usualAnswerBytesMax } = options;
  const accountUrl = `${options.baseUrl.replace(/\/+$/, '')}/2010-04-01/Accounts/${accountSid}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  const ask = async (path: string, form: URLSearchParams | undefined, signal: AbortSignal) => {
    try {
      const response = await send(`${accountUrl}${path}`, {
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          authorization,
          accept: 'application/json',
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: form.toString() }),
        // A redirect would take our credentials elsewhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const body = parseJson(await readText(response, answerBytesMax));
      if (!response.ok) throw refusal(response.status, response.headers, body);
      return body;
    } catch (cause) {
      throw networkFailure(cause, signal);
    }
  };

  return {
    post: ask,
    get: (path, signal) => ask(path, undefined, signal),
  };
}

async function readText(response: Response, answerBytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > answerBytesMax) throw unreadableAnswer('answer-too-large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

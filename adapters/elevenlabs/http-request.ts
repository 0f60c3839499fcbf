import { ProviderError } from '#core/errors.ts';
import { type ElevenLabsProvider, requestError, retryAfterMs, statusError } from './failures.ts';

export interface HttpRequest {
  readonly provider: ElevenLabsProvider;
  readonly url: URL;
  readonly init: RequestInit;
  readonly apiKey: string;
  readonly timeoutMs: number;
  /** Largest body we read. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

async function readBody(response: Response, { provider, bytesMax }: HttpRequest): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > bytesMax)
      throw new ProviderError('The answer is too large', {
        provider,
        failure: 'protocol',
        code: 'body-too-large',
      });
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** One request, once. Throws `ProviderError`, or `CancelledError` when the signal aborted. */
export async function request(options: HttpRequest): Promise<{ headers: Headers; body: Uint8Array }> {
  const { provider, init, signal } = options;
  try {
    const response = await options.fetch(options.url, {
      ...init,
      headers: { ...init.headers, 'xi-api-key': options.apiKey },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    });
    const body = await readBody(response, options);
    if (response.ok) return { headers: response.headers, body };
    // The vendor's text may repeat what we sent: it stays in the cause, which is not logged.
    const cause = new Error(new TextDecoder().decode(body.subarray(0, 1_000)));
    throw statusError(provider, response.status, {
      cause,
      ...retryAfterMs(response.headers.get('retry-after')),
    });
  } catch (cause) {
    throw requestError(provider, cause, signal);
  }
}

import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A token's life, in seconds (ElevenLabs API reference, "Create single use token"). */
const tokenSecs = 15 * 60;
/** Tokens waiting to be used. */
const tokensMax = 10_000;

/** HTTP status and what the service says about it. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly code: string;
  readonly message: string;
}

export interface Credentials {
  check(request: IncomingMessage, query: URLSearchParams, tokenParameter?: string): Refusal | undefined;
  createToken(): string;
}

const missing: Refusal = {
  status: 401,
  code: 'needs_authorization',
  message: 'Neither a key nor a token was sent',
};
const wrongKey: Refusal = { status: 401, code: 'invalid_api_key', message: 'Invalid API key' };
const wrongToken: Refusal = {
  status: 403,
  code: 'invalid_token',
  message: 'The token is unknown, used or expired',
};

function isSame(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}

export function createCredentials(apiKey: string, secondMs: number): Credentials {
  const tokens = new Map<string, number>();

  const useToken = (token: string): Refusal | undefined => {
    const expiresMs = tokens.get(token);
    tokens.delete(token);
    return expiresMs !== undefined && performance.now() < expiresMs ? undefined : wrongToken;
  };

  return {
    check(request, query, tokenParameter) {
      const key = request.headers['xi-api-key'];
      if (typeof key === 'string') return isSame(key, apiKey) ? undefined : wrongKey;
      const token = tokenParameter === undefined ? null : query.get(tokenParameter);
      return token === null ? missing : useToken(token);
    },
    createToken() {
      const token = `sutkn_${randomUUID().replaceAll('-', '')}`;
      tokens.set(token, performance.now() + tokenSecs * secondMs);
      const oldest = tokens.keys().next().value;
      if (tokens.size > tokensMax && oldest !== undefined) tokens.delete(oldest);
      return token;
    },
  };
}

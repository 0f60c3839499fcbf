/** Typed failures. Whether a failure may be retried is decided where the error is made. */

/** Who failed. `provider.failed` lines and error metrics are keyed by it. */
export type ProviderName =
  | 'elevenlabs-stt'
  | 'elevenlabs-tts'
  | 'anthropic'
  | 'mcp'
  | 'twilio'
  | 'dynamodb'
  | 'ssm'
  | 'cloudwatch';

/**
 * What kind of failure it was, in the words a caller-facing decision needs.
 * - `overloaded`: the provider is there but refuses for now (429, 529, quota per time)
 * - `unavailable`: no connection, cut connection, 5xx
 * - `timeout`: nothing came within our limit
 * - `refused`: our credentials or account are not accepted (401, 402, 403, quota used up)
 * - `invalid-request`: we made a mistake; repeating it cannot help
 * - `protocol`: the provider said something we cannot read
 */
export type ProviderFailure =
  | 'overloaded'
  | 'unavailable'
  | 'timeout'
  | 'refused'
  | 'invalid-request'
  | 'protocol';

const retryableByFailure: Record<ProviderFailure, boolean> = {
  overloaded: true,
  unavailable: true,
  timeout: true,
  refused: false,
  'invalid-request': false,
  protocol: false,
};

export interface ProviderErrorOptions {
  readonly provider: ProviderName;
  readonly failure: ProviderFailure;
  /** The provider's own code (HTTP status, close code, error type); never a text that may hold caller's words. */
  readonly code?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** The request had been taken when it failed, so that it is billed. */
  readonly taken?: boolean;
  readonly cause?: unknown;
}

/** By name: a function may consist of several files, each with its own copy of these classes. */
const isNamed = (value: unknown, name: string): boolean => value instanceof Error && value.name === name;

/** A vendor failed. `message` is static text and safe to log; the vendor's own text stays in `cause`. */
export class ProviderError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isNamed(value, 'ProviderError');
  }

  readonly provider: ProviderName;
  readonly failure: ProviderFailure;
  readonly code: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly taken: boolean;

  constructor(message: string, options: ProviderErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'ProviderError';
    this.provider = options.provider;
    this.failure = options.failure;
    this.code = options.code;
    this.retryable = options.retryable ?? retryableByFailure[options.failure];
    this.retryAfterMs = options.retryAfterMs;
    this.taken = options.taken ?? false;
  }
}

export function isProviderError(value: unknown): value is ProviderError {
  return value instanceof ProviderError;
}

/** The work was cancelled through its `AbortSignal`; never a failure, never logged as one. */
export class CancelledError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isNamed(value, 'CancelledError');
  }

  constructor(message = 'Cancelled') {
    super(message);
    this.name = 'CancelledError';
  }
}

export function isCancelled(value: unknown): value is CancelledError {
  return value instanceof CancelledError;
}

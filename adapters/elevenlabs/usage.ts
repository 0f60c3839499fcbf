/** What the account has used of its quota, for warnings and reconciliation. */
import * as z from 'zod';
import { ProviderError } from '#core/errors.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { request } from './http-request.ts';

const timeoutMs = 10_000;
const bodyBytesMax = 256 * 1024;

export interface CharacterQuota {
  /** The plan, as the vendor names it. */
  readonly tier: string;
  /** In the vendor's credits, which it calls characters. */
  readonly charactersUsed: number;
  readonly charactersMax: number;
  /** When the count begins anew; absent when the vendor does not say. */
  readonly resetsAt?: Date;
}

export interface ElevenLabsUsage {
  /** Makes no retry of its own. Throws `ProviderError`, or `CancelledError` when the signal aborted. */
  quota(options: { readonly signal: AbortSignal }): Promise<CharacterQuota>;
}

const subscriptionSchema = z.object({
  tier: z.string().catch('unknown'),
  character_count: z.number().nonnegative(),
  character_limit: z.number().nonnegative(),
  next_character_count_reset_unix: z.number().positive().nullish().catch(undefined),
});

function readSubscription(body: Uint8Array): CharacterQuota {
  try {
    const subscription = subscriptionSchema.parse(JSON.parse(new TextDecoder().decode(body)));
    const resetSecs = subscription.next_character_count_reset_unix;
    return {
      tier: subscription.tier,
      charactersUsed: subscription.character_count,
      charactersMax: subscription.character_limit,
      ...(resetSecs ? { resetsAt: new Date(resetSecs * 1_000) } : {}),
    };
  } catch (cause) {
    throw new ProviderError('The subscription could not be read', {
      provider: 'elevenlabs-tts',
      failure: 'protocol',
      code: 'unreadable-subscription',
      cause,
    });
  }
}

export function createElevenLabsUsage(
  options: EndpointOptions & { readonly fetch?: typeof fetch },
): ElevenLabsUsage {
  const endpoint = createEndpoint(options);
  return {
    async quota({ signal }) {
      const { body } = await request({
        provider: 'elevenlabs-tts',
        url: endpoint.http('/v1/user/subscription'),
        init: {},
        apiKey: endpoint.apiKey,
        timeoutMs,
        bytesMax: bodyBytesMax,
        signal,
        fetch: options.fetch ?? fetch,
      });
      return readSubscription(body);
    },
  };
}

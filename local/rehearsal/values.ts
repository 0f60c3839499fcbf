/** Secrets of a rehearsal: as they must look, made anew each time, worth nothing afterwards. */
import { randomBytes } from 'node:crypto';
import { digestApiKey } from '#adapters/crypto/api-keys.ts';
import { scopes } from '#core/http/routes.ts';

export interface RehearsalSecrets {
  /** A bearer key with every scope. */
  readonly apiKey: string;
  /** By id of the manifest. */
  readonly values: Readonly<Record<string, string>>;
}

const random = () => randomBytes(33).toString('base64url');

export function makeSecrets(): RehearsalSecrets {
  const apiKey = random();
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    apiKey,
    values: {
      twilio_auth_token: hex(16),
      stream_token_secret: random(),
      phone_hash_key: random(),
      cursor_secret: random(),
      api_keys: JSON.stringify([{ id: 'rehearsal', sha256: digestApiKey(apiKey), scopes }]),
      cron_secret: random(),
      anthropic_api_key: `sk-ant-api03-${random()}`,
      elevenlabs_api_key: `sk_${hex(24)}`,
      mcp_token: random(),
      inbound_phone_map: '{}',
    },
  };
}

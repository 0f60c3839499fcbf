/** Values that look like each secret, for configurations made from templates. */
export const secretValues: Readonly<Record<string, string>> = {
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  STREAM_TOKEN_SECRET: 'stream-token-secret-of-a-test-00',
  PHONE_HASH_KEY: 'phone-hash-key-of-a-test-0000000',
  CURSOR_SECRET: 'cursor-secret-of-a-test-00000000',
  API_KEYS: '[]',
  CRON_SECRET: 'cron-secret-of-a-test',
  ANTHROPIC_API_KEY: 'sk-ant-of-a-test-0000000000000000',
  ELEVENLABS_API_KEY: '0123456789abcdef0123456789abcdef',
  MCP_TOKEN: 'mcp-token-of-a-test',
};

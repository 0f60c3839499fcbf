/**
 * What a stack on one machine uses where nothing else is set. Every value says that it is for development;
 * none is a secret and none is accepted outside stage `local`.
 */
export const developmentValues = {
  STAGE: 'local',
  PORT: '3000',
  MEDIA_PORT: '8080',
  /** Development secrets must not be reachable from the network. */
  MEDIA_HOST: '127.0.0.1',
  DATA_DIR: '.local',
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000de7e10',
  TWILIO_AUTH_TOKEN: 'development-twilio-auth-token-0000',
  /** 555-01xx is kept free for fiction by the North American numbering plan. */
  TWILIO_PHONE_NUMBER: '+12025550142',
  OUTBOUND_API_KEY: 'development-api-key-0000000000000000',
  CRON_SECRET: 'development-cron-secret-000000000000',
  STREAM_TOKEN_SECRET: 'development-stream-token-secret-0000',
  PHONE_HASH_KEY: 'development-phone-hash-key-000000000',
  CURSOR_SECRET: 'development-cursor-secret-0000000000',
  ANTHROPIC_API_KEY: 'development-anthropic-key-0000000000',
  ELEVENLABS_API_KEY: 'development-elevenlabs-key-000000000',
  /** One simulated caller calls all day. */
  CONDUCT_CONTROL: 'off',
  INBOUND_CALLS_PER_CALLER_PER_HOUR: '100000',
  CALLS_PER_MINUTE_MAX: '100000',
  CALLS_TABLE: 'voice-local-calls',
  COSTS_TABLE: 'voice-local-costs',
  LIMITS_TABLE: 'voice-local-limits',
  CONSENTS_TABLE: 'voice-local-consents',
  AWS_REGION: 'us-east-1',
} as const;

export type DevelopmentName = keyof typeof developmentValues;

/** What the AWS SDK signs with where the database is not the real one, which checks nothing. */
export const developmentAwsCredentials = {
  AWS_ACCESS_KEY_ID: 'development',
  AWS_SECRET_ACCESS_KEY: 'development',
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

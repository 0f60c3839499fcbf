/** What `npm start` says once everything answers. Pure. */
import { developmentValues } from './development-values.ts';
import type { LocalEnvironment, Vendor, VendorMode } from './environment.ts';
import { vendors } from './environment.ts';
import type { Stack } from './stack-file.ts';

const names: Record<Vendor, string> = {
  twilio: 'Twilio',
  elevenlabs: 'ElevenLabs',
  anthropic: 'Claude',
  mcp: 'MCP tools',
  dynamodb: 'DynamoDB',
};

const switches: Record<Vendor, string> = {
  twilio: 'TWILIO_AUTH_TOKEN',
  elevenlabs: 'ELEVENLABS_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  mcp: 'MCP_URL',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
};

function explain(vendor: Vendor, mode: VendorMode): string {
  switch (mode.mode) {
    case 'simulated':
      if (vendor === 'dynamodb') return `embedded (set ${switches[vendor]} for another one)`;
      return `simulated (set ${switches[vendor]} for the real one)`;
    case 'real':
      return `REAL: ${mode.url}, its calls cost money`;
    case 'given':
      return `at ${mode.url}`;
  }
}

/** A key of one's own is a secret: only the development key is spelled out. */
const spellKey = (apiKey: string) =>
  apiKey === developmentValues.OUTBOUND_API_KEY ? apiKey : '$OUTBOUND_API_KEY';

/** @returns lines for a person. */
export function announce(environment: LocalEnvironment, stack: Stack): string {
  const rows = vendors.map(
    (vendor) => `  ${names[vendor].padEnd(12)} ${explain(vendor, environment.vendors[vendor])}`,
  );
  return [
    '',
    'The voice center is ready.',
    '',
    `  HTTP API     ${stack.httpUrl}`,
    `  Media        ${stack.mediaUrl}`,
    `  Number       ${stack.twilio.number}`,
    `  Data, logs   ${environment.dataDir}`,
    ...rows,
    '',
    '  Call it:     npm run call',
    `  Ask it:      curl -H "Authorization: Bearer ${spellKey(stack.apiKey)}" ${stack.httpUrl}/records`,
    '  Stop it:     Ctrl-C',
    '',
  ].join('\n');
}

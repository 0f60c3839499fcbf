/** Where a simulated call goes: the running stack, with a carrier of our own when it has none. */
import { developmentValues } from '../development-values.ts';
import { startSimulatedTwilio } from '../twilio/exchange.ts';
import { findStack } from './stack.ts';

export interface CallTarget {
  readonly httpUrl: string;
  readonly phoneUrl: string;
  readonly recogniserUrl: string | undefined;
  readonly number: string;
  readonly apiKey: string;
  close(): Promise<void>;
}

const settingOf = (name: 'TWILIO_ACCOUNT_SID' | 'TWILIO_AUTH_TOKEN'): string =>
  process.env[name]?.split(',')[0]?.trim() || developmentValues[name];

/** Throws `NoStackError`. @param url in place of the stack's own voice address. */
export async function findTarget(options: {
  readonly dataDir: string;
  readonly url: string | undefined;
}): Promise<CallTarget> {
  const stack = findStack(options.dataDir);
  const exchange =
    stack.twilio.phoneUrl === undefined
      ? await startSimulatedTwilio({
          accountSid: settingOf('TWILIO_ACCOUNT_SID'),
          authToken: settingOf('TWILIO_AUTH_TOKEN'),
        })
      : undefined;
  return {
    httpUrl: options.url ?? process.env['PUBLIC_BASE_URL'] ?? stack.httpUrl,
    phoneUrl: stack.twilio.phoneUrl ?? exchange?.phoneUrl ?? '',
    recogniserUrl: stack.elevenlabs.simulated ? stack.elevenlabs.url : undefined,
    number: stack.twilio.number,
    apiKey: stack.apiKey,
    close: async () => exchange?.close(),
  };
}

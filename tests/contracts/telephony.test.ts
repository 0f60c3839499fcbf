import { createTwilioTelephony } from '#adapters/twilio/telephony.ts';
import { deadAddress, startStrictRest } from '#tests/adapters/twilio/strict-rest.ts';
import { describeTelephonyContract, type TelephonySubject } from './telephony-contract.ts';

async function onStrictRest(): Promise<TelephonySubject> {
  const rest = await startStrictRest();
  const { accountSid, authToken, url: baseUrl } = rest;
  return {
    telephony: createTwilioTelephony({ accountSid, authToken, baseUrl }),
    refused: createTwilioTelephony({ accountSid, authToken: 'another', baseUrl }),
    unreachable: createTwilioTelephony({ accountSid, authToken, baseUrl: await deadAddress() }),
    addCall: rest.addCall,
    endCall: rest.endCall,
    isLive: rest.isLive,
    twimlOf: rest.twimlOf,
    overload: () =>
      rest.failNext({ status: 429, body: '{"code":20429,"message":"Too many requests","status":429}' }),
    fallSilent() {
      rest.failNext('silent');
      return rest.arrived();
    },
    close: rest.close,
  };
}

describeTelephonyContract('Twilio REST against a strict stand-in', onStrictRest);

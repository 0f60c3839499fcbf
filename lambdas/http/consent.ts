/** `POST /api/consent`: keeps the proof that somebody agreed to get text messages. Sends none. */
import { type ConsentAnswer, consentRequestSchema } from '#core/http/browser.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import { rateRules } from '#core/rate-limits/rules.ts';
import { type BrowserRequest, browserFunction } from '../browser.ts';
import { parseInput } from '../parse-input.ts';
import { takeOrRefuse } from '../rate-limits.ts';
import type { LoadServices, Services } from '../services.ts';
import type { ApiAnswer } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createConsent = (load: LoadServices) => browserFunction(load, keepConsent);

async function keepConsent(request: BrowserRequest, services: Services): Promise<ApiAnswer> {
  const { ipHash, userAgent } = request;
  const { clock, consents, hashNumber, newNonce, numberFacts, telemetry } = services;
  const line = { visitorHash: ipHash };
  const headers = await takeOrRefuse(services, { rule: rateRules.consentPerIp, subject: ipHash, line });
  const { phone, disclosureVersion, disclosureText } = parseInput(consentRequestSchema, request.body);
  if (!(await numberFacts(phone)).isValid)
    throw new HttpProblem('number_not_valid', 'This number does not exist. Check its digits.', {
      fields: ['phone'],
    });
  const consentId = newNonce();
  const at = clock.now().toISOString();
  const phoneMasked = maskPhoneNumber(phone);
  await consents.add({
    consentId,
    phoneHash: hashNumber(phone),
    phoneMasked,
    at,
    disclosureVersion,
    disclosureText,
    ipHash,
    userAgent,
  });
  telemetry.log('info', { msg: 'consent.given', consentId, phone: phoneMasked, disclosureVersion, ipHash });
  const body: ConsentAnswer = { consentId, phoneMasked, at, disclosureVersion };
  return { status: 201, body, headers };
}

export const handler = createConsent(wire);

/** `POST /web-call/register`: a visitor of a web page wants to talk. Answered with a token that works once, soon. */
import { randomBytes } from 'node:crypto';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { beginCall, type Conduct, newConduct } from '#core/abuse/conduct.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { type WebCallAnswer, webCallRequestSchema } from '#core/http/browser.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { callSidSchema } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Role } from '#core/personas/role.ts';
import { callsPerStage, rateRules } from '#core/rate-limits/rules.ts';
import { type BrowserRequest, browserFunction } from '../browser.ts';
import { noteConduct } from '../calls/caller-conduct.ts';
import { openRecord, secsFromNow } from '../calls/connect-call.ts';
import { reserveOrRefuse } from '../costs/reserve.ts';
import { parseInput } from '../parse-input.ts';
import { takeOrRefuse } from '../rate-limits.ts';
import type { LoadServices, Services } from '../services.ts';
import type { ApiAnswer } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createWebCallRegister = (load: LoadServices) => browserFunction(load, registerCall);

async function registerCall(request: BrowserRequest, services: Services): Promise<ApiAnswer> {
  const { role, visitorId } = parseInput(webCallRequestSchema, request.body);
  const visitorHash = services.pseudonym('visitor', visitorId);
  const line = { visitorHash };
  const { ipHash } = request;
  await checkRest(visitorHash, services);
  await takeOrRefuse(services, {
    rule: rateRules.webCallPerIp,
    subject: ipHash,
    line: { visitorHash: ipHash },
  });
  const visitorRule = { rule: rateRules.webCallPerVisitor, subject: visitorHash, line };
  const headers = await takeOrRefuse(services, visitorRule);
  const stageRule = callsPerStage(services.config.CALLS_PER_MINUTE_MAX);
  await takeOrRefuse(services, { rule: stageRule, subject: 'all', line });
  const claims = claimsFor(role, visitorId, visitorHash, services);
  await checkConduct(claims, services);
  const { claims: allowance } = await reserveOrRefuse(claims, services);
  const { callSid, direction, callerMasked: numberMasked, callerHash } = claims;
  const record = {
    callSid,
    role,
    direction,
    numberMasked,
    callerHash,
    status: 'queued',
    ...allowance,
  } as const;
  await openRecord(record, services);
  services.telemetry.log('info', { msg: 'web-call.registered', callSid, role, visitorHash });
  return { status: 201, body: answerFor({ ...claims, ...allowance }, visitorId, services), headers };
}

function tooSoon(retryAfterSecs: number, limit: string, visitorHash: string, { telemetry }: Services): never {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSecs));
  telemetry.emit('info', { msg: 'limit.hit', limit, visitorHash, retryAfterSeconds });
  throw new HttpProblem(
    'too_many_requests',
    `Thank you for talking with us. You can begin another call in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
    { 'retry-after': String(retryAfterSeconds) },
  );
}

/** One call at a time, and a rest after each. Its end is read from its record: nobody else tells of it. */
async function checkRest(visitorHash: string, services: Services): Promise<void> {
  const { clock, conducts, store } = services;
  const { callSid } = (await conducts.find(visitorHash)) ?? newConduct;
  const parsed = callSidSchema.safeParse(callSid);
  const record = parsed.success ? await store.find(parsed.data) : undefined;
  if (!record) return;
  const nowMs = clock.now().getTime();
  if (record.endedAt === undefined) {
    const isAlive = Date.parse(record.aliveAt) + limits.staleAfterMs > nowMs;
    if (record.status === 'in-progress' && isAlive)
      tooSoon(limits.webCallRestSecs, 'web-call-at-once', visitorHash, services);
    return;
  }
  await noteConduct(record, record.durationSecs ?? 0, services);
  const restedAtMs = Date.parse(record.endedAt) + limits.webCallRestSecs * 1000;
  if (restedAtMs > nowMs) tooSoon((restedAtMs - nowMs) / 1000, 'web-call-rest', visitorHash, services);
}

async function checkConduct({ callSid, callerHash }: StreamClaims, services: Services): Promise<void> {
  const { clock, conducts, config } = services;
  const nowMs = clock.now().getTime();
  const before: Conduct = (await conducts.find(callerHash)) ?? newConduct;
  const begun = beginCall(before, nowMs);
  const refused = !begun.admitted && config.CONDUCT_CONTROL === 'on';
  await conducts.put(callerHash, refused ? begun.conduct : { ...begun.conduct, callSid });
  if (refused) tooSoon((begun.retryAtMs - nowMs) / 1000, 'conduct', callerHash, services);
}

/** The wire format wants an account; a page need not know ours. */
const noAccount = `AC${'0'.repeat(32)}`;
const sidBytes = 16;
const newSid = (prefix: string) => `${prefix}${randomBytes(sidBytes).toString('hex')}`;

function claimsFor(role: Role, visitorId: string, callerHash: string, services: Services): StreamClaims {
  return {
    callSid: callSidSchema.parse(newSid('CA')),
    role,
    direction: 'web',
    callerHash,
    callerMasked: 'web visitor',
    visitor: visitorDigest(visitorId),
    maxSecs: limits.webCallMaxSecs,
    nonce: services.newNonce(),
    expiresAt: secsFromNow(services.clock.now(), limits.streamTokenLifeSecs),
  };
}

/** The browser speaks the wire format of a phone's stream: its first message is made here. */
function answerFor(claims: StreamClaims, visitorId: string, services: Services): WebCallAnswer {
  const { config, streamTokens } = services;
  const { callSid, role } = claims;
  const token = streamTokens.issue(claims);
  const streamSid = newSid('MZ');
  return {
    callSid,
    streamUrl: `${config.MEDIA_BASE_URL}/web-call/stream`,
    protocols: ['voice-center', token],
    token,
    expiresInSeconds: limits.streamTokenLifeSecs,
    maxSeconds: limits.webCallMaxSecs,
    start: {
      event: 'start',
      sequenceNumber: '1',
      streamSid,
      start: {
        accountSid: noAccount,
        streamSid,
        callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token, role, visitorId },
      },
    },
  };
}

export const handler = createWebCallRegister(wire);

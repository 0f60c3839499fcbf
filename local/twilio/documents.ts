/** Fetches TwiML, executes it, and goes where it leads, until the call is over. */
import { codes, TwilioFailure } from './failure.ts';
import type { Instruction, Where } from './instruction.ts';
import type { LiveCall } from './live-call.ts';
import { say } from './say.ts';
import { parseTwiml, type TwimlElement } from './twiml-parser.ts';
import { executeVerb } from './verbs.ts';
import { unlessAborted } from './waiting.ts';

export interface Documents {
  /** Resolves when no document is left, or the call is over. */
  run(first: Instruction): Promise<void>;
  /** Drops the document that runs: what a REST update does. */
  update(next: Instruction): void;
}

/** A call that redirects more often than this goes in circles. */
const documentsMax = 200;
const applicationError = 'We are sorry, an application error has occurred. Goodbye.';

/** @param options.fallbackUrl asked once when a document fails. */
export function createDocuments(
  call: LiveCall,
  options: { readonly baseUrl: string; readonly fallbackUrl: string | undefined },
): Documents {
  let update: Instruction | undefined;
  let running = new AbortController();

  const runOne = async (instruction: Instruction): Promise<Instruction | undefined> => {
    const signal = AbortSignal.any([call.over, running.signal]);
    try {
      const baseUrl = instruction.kind === 'twiml' ? options.baseUrl : instruction.address.url;
      const verbs = await load(call, instruction, signal);
      return verbs && (await execute(verbs, { call, signal, baseUrl }));
    } catch (error) {
      if (!(error instanceof TwilioFailure)) throw error;
      call.violate(error.code, error.message);
      return afterFailure(call, instruction, error, options.fallbackUrl);
    }
  };

  return {
    async run(first) {
      let next: Instruction | undefined = first;
      for (let count = 0; next && !call.over.aborted; count += 1) {
        if (count === documentsMax) return call.violate(codes.fetchFailed, 'the documents go in circles');
        running = new AbortController();
        const led: Instruction | undefined = await runOne(next);
        next = update ?? led;
        if (update && led?.kind === 'action' && call.settings.actionAfterUpdate)
          call.background(tellAction(call, led));
        update = undefined;
      }
      if (next?.kind === 'action' && (call.settings.actionAfterHangUp ?? true)) await tellAction(call, next);
    },
    update(next) {
      update = next;
      running.abort();
    },
  };
}

/** The caller is gone: the application is told, and its answer goes nowhere. */
async function tellAction(
  call: LiveCall,
  { address, extra }: Extract<Instruction, { readonly address: unknown }>,
): Promise<void> {
  await call.tell('action', address, extra ?? {});
}

/** @returns undefined when the document is no longer wanted. Throws `TwilioFailure`. */
async function load(
  call: LiveCall,
  instruction: Instruction,
  signal: AbortSignal,
): Promise<readonly TwimlElement[] | undefined> {
  if (instruction.kind === 'twiml') return parseTwiml(instruction.twiml);
  const asked = call.ask(instruction.kind, instruction.address, instruction.extra);
  call.background(asked);
  const answer = await unlessAborted(asked, signal);
  if (!answer) return undefined;
  if (answer.status < 200 || answer.status > 299)
    throw new TwilioFailure(codes.fetchFailed, `The ${instruction.kind} webhook answered ${answer.status}`);
  if (!/^(text|application)\/xml\b/i.test(answer.contentType))
    throw new TwilioFailure(codes.contentType, `The content type "${answer.contentType}" is not TwiML's`);
  return parseTwiml(answer.body);
}

async function execute(verbs: readonly TwimlElement[], where: Where): Promise<Instruction | undefined> {
  for (const verb of verbs) {
    if (where.signal.aborted) return undefined;
    const outcome = await executeVerb(verb, where);
    if (outcome.done) return outcome.next;
  }
  return undefined;
}

async function afterFailure(
  call: LiveCall,
  failed: Instruction,
  error: TwilioFailure,
  fallbackUrl: string | undefined,
): Promise<Instruction | undefined> {
  if (fallbackUrl !== undefined && failed.kind !== 'fallback') {
    const url = failed.kind === 'twiml' ? '' : failed.address.url;
    const extra = { ErrorCode: String(error.code), ErrorUrl: url };
    return { kind: 'fallback', address: { url: fallbackUrl, method: 'POST' }, extra };
  }
  call.answer();
  await say(call, applicationError, call.over);
  return undefined;
}

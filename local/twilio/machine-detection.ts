/** Who has answered, a person or a machine: told late, one way or the other. */
import type { Address, LiveCall } from './live-call.ts';
import type { AnsweredBy } from './scripted-callee.ts';
import type { Parameters } from './signature.ts';
import { pause } from './waiting.ts';

export interface MachineDetection {
  /** The verdict is told beside the conversation; else the conversation waits for it. */
  readonly asynchronous: boolean;
  readonly callback: Address | undefined;
}

/** Twilio decides within a few seconds; without `AsyncAmd` the callee hears nothing for so long. */
const detectionMs = 3_500;

/** @returns what the first webhook is told of it, when it waited. */
export async function detectMachine(
  call: LiveCall,
  answeredBy: AnsweredBy,
  options: MachineDetection | undefined,
): Promise<Parameters> {
  if (!options) return {};
  call.ledger.machineDetections += 1;
  const { asynchronous, callback } = options;
  if (!asynchronous) {
    await pause(detectionMs, call.over);
    return { AnsweredBy: answeredBy };
  }
  if (!callback) return {};
  const tell = async () => {
    await pause(detectionMs, call.over);
    if (call.over.aborted) return;
    const params = { AnsweredBy: answeredBy, MachineDetectionDuration: String(detectionMs) };
    await call.tell('answering-machine', callback, params);
  };
  call.background(tell());
  return {};
}

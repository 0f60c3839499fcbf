/**
 * Which numbers the cost events of a call have. Those of the running call count up from 0; what is known of the
 * carrier has fixed numbers, so that whoever learns it, and however often, writes the same event.
 */

/** The running call counts below this: more events than the longest call makes. */
export const runningNumbersMax = 900_000;

/** Our own measure of the call's leg, written again as the call goes on. */
export const legEstimateNumber = 900_000;
/** The leg as the carrier has billed it. */
export const legNumber = 910_000;
export const machineDetectionNumber = 910_001;

const namedFrom = 920_000;
const namedCount = 79_999;
const hexDigits = 8;

/** @param sid the carrier's id of a part of the call (a recording, a transfer leg): always the same number. */
export const numberOfSid = (sid: string): number =>
  namedFrom + (Number.parseInt(sid.slice(-hexDigits), 16) % namedCount || 0);

/** Above every other number: an event that corrects our own count has the number of that one and this. */
export const correctionsFrom = 1_000_000;
export const correctionNumberOf = (seq: number): number => correctionsFrom + seq;

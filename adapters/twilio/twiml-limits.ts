/** Longest document that a live call is given; Twilio answers 32018 above it. What a webhook answers may be longer. */
export const twimlCharsMax = 4_000;

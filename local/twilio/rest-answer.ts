export interface RestAnswer {
  readonly status: number;
  readonly body: object;
}

/** `Twiml` in a request. */
export const twimlCharsMax = 4_000;

/** @param code Twilio's error code. */
export const refuse = (status: number, code: number, message: string): RestAnswer => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});

export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

/** @returns undefined when it is neither; POST when nothing is said. */
export function methodOf(text: string | null): 'POST' | 'GET' | undefined {
  if (text === null || text.toUpperCase() === 'POST') return 'POST';
  return text.toUpperCase() === 'GET' ? 'GET' : undefined;
}

/** What a caller hears who is not answered for now: kind, with the numbers that help and the time to come back. */
import type { Audience } from '../personas/persona.ts';

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 1) return 'in a minute';
  if (minutes < 50) return `in about ${minutes} minutes`;
  return minutes <= 70 ? 'in about an hour' : `in about ${Math.round(minutes / 60)} hours`;
}

const texts: Record<Audience, (when: string) => string> = {
  adult: (when) =>
    `I'm sorry, I can't take your call just now. If anyone is in danger, please hang up and dial nine one one. To talk with someone at any time, day or night, call or text nine eight eight. Otherwise, please call again ${when}. Thank you, and goodbye.`,
  child: (when) =>
    `Sorry, I can't talk right now. It's not your fault. If you need help fast, hang up and call nine one one. If you feel sad or scared, you can call or text nine eight eight any time. If not, please call again ${when}. Bye-bye.`,
};

export const refusalWords = (audience: Audience, retryAfterSecs: number): string =>
  texts[audience](inWords(retryAfterSecs));

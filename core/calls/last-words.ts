/** What a caller hears when a call ends outside its conversation: read by the carrier, then the line is closed. */
import type { Audience } from '../personas/persona.ts';

export type LastWords = 'cut-off' | 'nobody-answered';

const texts: Readonly<Record<Audience, Readonly<Record<LastWords, string>>>> = {
  adult: {
    'cut-off':
      "I'm sorry, we were cut off, and I can't go on right now. If anyone is in danger, please dial nine one one. To talk with someone at any time, day or night, call or text nine eight eight. Otherwise, please call again in a few minutes. Goodbye.",
    'nobody-answered':
      "I'm sorry, I couldn't reach anyone just now. If anyone is in danger, please dial nine one one. To talk with someone at any time, day or night, call or text nine eight eight. Otherwise, please call again a little later. Goodbye.",
  },
  child: {
    'cut-off':
      "Sorry, we lost each other, and I can't go on right now. It's not your fault. If you need help fast, call nine one one. If you feel sad or scared, you can call or text nine eight eight any time. If not, please call again in a little while. Bye-bye.",
    'nobody-answered':
      "Sorry, I couldn't reach a grown-up just now. It's not your fault. If you need help fast, call nine one one. If you feel sad or scared, you can call or text nine eight eight any time. If not, please call again in a little while. Bye-bye.",
  },
};

export const lastWords = (audience: Audience, what: LastWords): string => texts[audience][what];

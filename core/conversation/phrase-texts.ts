/** The fixed sentences, per audience: what is said when no model speaks. Text, reviewed as text. */
import type { Audience } from '../personas/persona.ts';

export const phraseKinds = [
  'hold',
  'model-failed',
  'model-slow',
  'speech-failed',
  'cannot-hear',
  'cannot-hear-press-0',
  're-prompt',
  'silence-goodbye',
  'goodbye',
  'max-duration-warning',
  'max-duration-goodbye',
  'over-budget-goodbye',
  'drain-goodbye',
  'resumed',
  'transferring',
  'transfer-failed',
  'transfer-unavailable',
  'at-capacity',
  'refused',
  'crisis',
  'tool-failed',
  'not-understood',
] as const;
export type PhraseKind = (typeof phraseKinds)[number];

/** Variants in the order in which they are said: a second `re-prompt` is the second question. Never empty. */
export type Variants = readonly [string, ...string[]];

const forAdults: Readonly<Record<PhraseKind, Variants>> = {
  hold: [
    'One moment, please.',
    "I'm still with you, just a second.",
    'Bear with me for a moment.',
    "Thanks for waiting, I'm almost there.",
    "It's taking a little longer, I'm still here.",
  ],
  'model-failed': [
    "I'm sorry, I lost my train of thought. Could you say that again?",
    "I'm sorry, that didn't work on my side. Could you tell me once more?",
    "I'm having some trouble right now. Please say it one more time.",
  ],
  'model-slow': [
    "I'm sorry this takes so long. I'm still here.",
    'Thank you for your patience, just a little longer.',
  ],
  'speech-failed': [
    "I'm sorry, I'm having trouble with my voice right now. If this is an emergency, please hang up and dial nine one one. Otherwise, please call again in a few minutes.",
  ],
  'cannot-hear': [
    "I'm sorry, I can't hear you right now. The trouble is on our side. If this is an emergency, please hang up and dial nine one one. Otherwise, please call again in a few minutes.",
  ],
  'cannot-hear-press-0': [
    "I'm sorry, I can't hear you right now. To reach a person, press zero. If this is an emergency, please hang up and dial nine one one.",
  ],
  're-prompt': [
    "Are you still there? Take your time, I'm listening.",
    "I can't hear you just now. If you're there, please say something.",
  ],
  'silence-goodbye': [
    "I can't hear you, so I'll hang up for now. Please call again whenever you like. Take care.",
  ],
  goodbye: ['Thank you for calling. Take care, goodbye.', 'Take good care of yourself. Goodbye.'],
  'max-duration-warning': [
    "Just so you know, our time on this call is nearly over. Let's look at what matters most to you.",
  ],
  'max-duration-goodbye': [
    "We've reached the time limit for one call, so I have to stop here. You're welcome to call again right away. Take care.",
  ],
  'over-budget-goodbye': [
    "I'm sorry, I have to end our call here. Please call again later. If this is an emergency, dial nine one one. Take care.",
  ],
  'drain-goodbye': [
    "I'm sorry, we have to interrupt our service for a moment. Please call again in a few minutes. Take care.",
  ],
  resumed: ["Sorry, we were cut off for a moment. I'm back, please go on."],
  transferring: ["I'm connecting you with a person now. One moment, please."],
  'transfer-failed': [
    "I'm sorry, I couldn't reach anyone just now. I'm still here, so please tell me how I can help.",
  ],
  'transfer-unavailable': [
    "I'm sorry, I can't connect you with a person from here. I'm still here, so please tell me how I can help.",
  ],
  'at-capacity': [
    'Thank you for calling. All our lines are busy right now. If this is an emergency, please hang up and dial nine one one. Otherwise, please call again in a few minutes.',
  ],
  refused: [
    "I'm sorry, we can't take this call. If this is an emergency, please hang up and dial nine one one. Goodbye.",
  ],
  crisis: [
    "I'm glad you told me, and I want you to be safe. If anyone is in danger right now, please hang up and call nine one one. You can also call or text nine eight eight at any time, day or night, to talk with someone who cares. I'm still here. Are you safe right now?",
    "I'm still here with you. For any danger, call nine one one. To talk with someone right now, call or text nine eight eight. Are you somewhere safe?",
  ],
  'tool-failed': [
    "I'm sorry, I couldn't get that done just now. Is there something else I can help with?",
    "That didn't work on my side, I'm sorry. We can try it again in a little while.",
  ],
  'not-understood': [
    "I'm sorry, I didn't catch that. Could you say it again?",
    "I didn't quite understand. Could you tell me in other words?",
  ],
};

const forChildren: Readonly<Record<PhraseKind, Variants>> = {
  hold: [
    'Let me think for a second.',
    "I'm still here with you.",
    'Hmm, one moment.',
    'Almost there, thanks for waiting.',
    "I'm still thinking, don't go away.",
  ],
  'model-failed': [
    'Oops, I got mixed up. Can you say that again?',
    'Sorry, that was my mistake. Can you tell me one more time?',
    "I'm having a little trouble. Can you say it again, please?",
  ],
  'model-slow': [
    "Sorry I'm so slow right now. I'm still here.",
    "Thanks for waiting. It's just a bit longer.",
  ],
  'speech-failed': [
    "Sorry, my voice isn't working right now. If you need help fast, hang up and call nine one one. If not, please call again in a little while.",
  ],
  'cannot-hear': [
    "Sorry, I can't hear you right now. It's not your fault. If you need help fast, hang up and call nine one one. If not, please call again in a little while.",
  ],
  'cannot-hear-press-0': [
    "Sorry, I can't hear you right now. It's not your fault. To talk to a grown-up, press zero. If you need help fast, hang up and call nine one one.",
  ],
  're-prompt': [
    "Are you still there? It's okay, take your time.",
    "I can't hear you. If you're there, you can say hi.",
  ],
  'silence-goodbye': ["I can't hear you, so I'll say bye for now. You can call me again any time. Bye-bye."],
  goodbye: ['Thanks for talking with me. Bye-bye!', 'It was nice to talk with you. Take care, bye!'],
  'max-duration-warning': ['We only have a little time left. What would you still like to tell me?'],
  'max-duration-goodbye': [
    'Our time is up for this call, so I have to stop now. You can call me again. Take care, bye!',
  ],
  'over-budget-goodbye': [
    "I'm sorry, I have to stop our call now. It's not because of you. If you need help fast, call nine one one. Bye for now.",
  ],
  'drain-goodbye': [
    "I'm sorry, I have to take a short break. It's not because of you. Please call again in a few minutes. Bye for now.",
  ],
  resumed: ["Oops, we lost each other for a moment. I'm back, you can go on."],
  transferring: ["I'll get a grown-up on the phone for you now. Just a moment."],
  'transfer-failed': ["I couldn't reach a grown-up just now. I'm still here, and you can talk to me."],
  'transfer-unavailable': [
    "I can't get a grown-up on the phone from here. I'm still here, and you can talk to me.",
  ],
  'at-capacity': [
    'Hi, lots of people are calling right now. If you need help fast, hang up and call nine one one. If not, please call again in a few minutes.',
  ],
  refused: ["I'm sorry, I can't talk right now. If you need help fast, hang up and call nine one one. Bye."],
  crisis: [
    "Thank you for telling me. That was brave, and it's not your fault. If you're in danger right now, hang up and call nine one one. If you feel very sad or scared, you can call or text nine eight eight any time, and someone kind will listen. Please tell a grown-up you trust, too. Are you safe right now?",
    "I'm still here with you, and it's not your fault. If something bad is happening, call nine one one. You can call or text nine eight eight any time. Is a grown-up you trust near you?",
  ],
  'tool-failed': ["That didn't work, sorry. Do you want to talk about something else?"],
  'not-understood': [
    "Sorry, I didn't hear that right. Can you say it again?",
    'Can you tell me that in another way?',
  ],
};

export const phraseTexts: Readonly<Record<Audience, Readonly<Record<PhraseKind, Variants>>>> = {
  adult: forAdults,
  child: forChildren,
};

export interface ToolHold {
  /** Any of these among the words of the tool's name. The first entry that matches wins. */
  readonly words: readonly string[];
  readonly texts: Readonly<Record<Audience, string>>;
}

/** What is said first while a tool of some kind runs; after it the general `hold` variants. */
export const toolHolds: readonly ToolHold[] = [
  {
    words: ['send', 'email', 'mail', 'sms', 'text', 'notify'],
    texts: { adult: "I'm sending that now.", child: "I'm sending that now." },
  },
  {
    words: ['create', 'add', 'log', 'save', 'record', 'write', 'update', 'submit', 'file', 'set', 'note'],
    texts: { adult: "I'm writing that down now.", child: "I'm writing that down." },
  },
  {
    words: [
      'calendar',
      'schedule',
      'schedules',
      'appointment',
      'appointments',
      'event',
      'events',
      'exchanges',
    ],
    texts: { adult: 'Let me look at the schedule.', child: 'Let me look at the calendar.' },
  },
  {
    words: ['expense', 'expenses', 'payment', 'payments', 'receipt', 'receipts', 'invoice', 'invoices'],
    texts: { adult: 'Let me check the expenses.', child: 'Let me check that.' },
  },
  {
    words: ['search', 'find', 'list', 'get', 'look', 'lookup', 'read', 'fetch', 'query', 'check'],
    texts: { adult: 'Let me look that up for you.', child: 'Let me look that up.' },
  },
];

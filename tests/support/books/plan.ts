/** What each of many callers does: random, and the same again for the same seed. */
import type { Step } from '#local/caller/script.ts';
import type { CalleeBehaviour } from '#local/twilio/scripted-callee.ts';
import type { Random } from '#tests/support/random.ts';

export const callKinds = [
  'normal',
  'interrupted',
  'hung up',
  'failing vendors',
  'refused',
  'transferred',
  'outbound',
  'killed',
  'handed over',
] as const;
export type CallKind = (typeof callKinds)[number];

/** Numbers of the center; what each of them means is in its phone map. */
export const numbers = {
  usual: '+12025550142',
  tollFree: '+18005550142',
  transfersToSomebody: '+12025550143',
  transfersToNobody: '+12025550144',
  /** Takes one call an hour from each caller. */
  once: '+12025550145',
} as const;

export const person = { answers: '+14155550110', busy: '+14155550111' } as const;

export const phoneMap = {
  [numbers.usual]: {},
  [numbers.transfersToSomebody]: { transferTo: person.answers },
  [numbers.transfersToNobody]: { transferTo: person.busy },
  [numbers.once]: { callerCallsPerHour: 1 },
};

export interface InboundPlan {
  readonly direction: 'inbound';
  readonly to: string;
  readonly from: string;
  readonly role: string;
  readonly steps: readonly Step[];
}

export interface OutboundPlan {
  readonly direction: 'outbound';
  readonly to: string;
  readonly role: string;
  readonly callee: CalleeBehaviour;
  readonly answeringMachine?: object;
}

export type CallPlan = InboundPlan | OutboundPlan;

/** The first ones have recorded phrases, the last ones speak theirs live. */
const roles = ['parent', 'attorney', 'therapist', 'parent', 'judge', 'kid_teen'] as const;
/** Few texts, so that each is made to sound only once. */
const utterances = [
  'When is my next court hearing?',
  'I need help with the custody schedule.',
  'What does this order mean?',
  'He did not bring the children back on Sunday.',
  'Can you find a lawyer near me?',
  'Thank you. That helps.',
] as const;
const interruptions = ['Wait, I have another question.', 'No, stop. I mean tomorrow.'] as const;

const say = (text: string): Step => ({ do: 'say', text });
const reply: Step = { do: 'wait-for-reply' };
const hangUp: Step = { do: 'hang-up' };
const wait = (ms: number): Step => ({ do: 'wait', ms });

/** Every text that a caller may say. */
export const spokenTexts: readonly string[] = [
  ...utterances,
  ...interruptions,
  'Please let me talk to a person.',
  'Goodbye.',
];

function conversation(random: Random, turnsMax: number): Step[] {
  const turns = Array.from({ length: random.whole(1, turnsMax) }, () => [
    say(random.pick(utterances)),
    reply,
  ]).flat();
  return random.next() < 0.4 ? [...turns, say('Goodbye.'), reply] : turns;
}

/** Somewhere in the middle: while the assistant greets, while it thinks, while it speaks. */
function cutShort(random: Random): Step[] {
  if (random.next() < 0.25) return [wait(random.whole(100, 2_500)), hangUp];
  return [reply, say(random.pick(utterances)), wait(random.whole(50, 2_500)), hangUp];
}

export interface PlanLengths {
  readonly turnsMax: number;
  /** How long callers stay on the line whose media service is taken away. */
  readonly stayMs: number;
}

const usualLengths: PlanLengths = { turnsMax: 2, stayMs: 20_000 };

function stepsOf(kind: CallKind, random: Random, { turnsMax, stayMs }: PlanLengths): readonly Step[] {
  switch (kind) {
    case 'interrupted':
      return [
        reply,
        say(random.pick(utterances)),
        { do: 'interrupt', afterMs: random.whole(200, 1_500), text: random.pick(interruptions) },
        reply,
        hangUp,
      ];
    case 'hung up':
      return cutShort(random);
    case 'refused':
      return [wait(1_500), hangUp];
    case 'transferred':
      return [reply, say('Please let me talk to a person.'), reply, wait(6_000), hangUp];
    case 'killed':
    case 'handed over':
      return [reply, ...conversation(random, turnsMax), wait(stayMs), hangUp];
    default:
      return [reply, ...conversation(random, turnsMax), hangUp];
  }
}

function numberOf(kind: CallKind, random: Random): string {
  if (kind === 'refused') return numbers.once;
  if (kind === 'transferred')
    return random.next() < 0.7 ? numbers.transfersToSomebody : numbers.transfersToNobody;
  return random.next() < 0.2 ? numbers.tollFree : numbers.usual;
}

const subscriber = (index: number) => String(index % 10_000).padStart(4, '0');

/** @param index counts calls: no two callers share a number, but those who are refused for calling again. */
export function planCall(
  kind: CallKind,
  index: number,
  random: Random,
  lengths: Partial<PlanLengths> = {},
): CallPlan {
  const role = random.pick(roles);
  if (kind !== 'outbound')
    return {
      direction: 'inbound',
      to: numberOf(kind, random),
      from: kind === 'refused' ? '+12065550100' : `+1206555${subscriber(index)}`,
      role,
      steps: stepsOf(kind, random, { ...usualLengths, ...lengths }),
    };
  return { direction: 'outbound', to: `+1303555${subscriber(index)}`, role, ...calledPerson(random) };
}

const hangUpOnMachine = { answeringMachine: { action: 'hang-up' } };
const leaveMessage = { answeringMachine: { action: 'leave-message', message: 'Please call us back.' } };

function calledPerson(random: Random): Pick<OutboundPlan, 'callee' | 'answeringMachine'> {
  const talksMs = random.whole(1_000, 9_000);
  const chance = random.next();
  if (chance < 0.1) return { callee: { does: 'decline' } };
  if (chance < 0.15) return { callee: { does: 'fail' } };
  if (chance < 0.35) return { callee: { does: 'answer', as: 'human', talksMs } };
  if (chance < 0.6) return { callee: { does: 'answer', as: 'human', talksMs }, ...hangUpOnMachine };
  if (chance < 0.8)
    return { callee: { does: 'answer', as: 'machine_start', talksMs: 9_000 }, ...hangUpOnMachine };
  return { callee: { does: 'answer', as: 'machine_start', talksMs: 9_000 }, ...leaveMessage };
}

/** A small, predictable stand-in for a model: a few rules on the caller's last words. */
import { blocksOf, type MessagesRequest } from './request.ts';

export interface ScriptedAnswer {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: Record<string, unknown> }[];
  readonly stopReason?: 'end_turn' | 'max_tokens' | 'refusal';
}

/** Words that ask for a tool, and the part of a tool's name that answers them. */
const toolTopics: readonly (readonly [RegExp, RegExp])[] = [
  [/\b(next|my|court)\b.*\bhearing\b|\bcourt date\b/i, /hearing/],
  [/\b(parenting )?schedule\b|\bweekend\b|\bholidays?\b/i, /schedule/],
  [/\bform\b/i, /form/],
  [/\b(shelter|support group|legal aid|counsel(?:or|ing))\b/i, /support|resource/],
];

const danger =
  /\b(kill (?:myself|me)|suicide|don'?t want to live|want to die|hurt(?:ing)? me|hit(?:s|ting)? me|has a (?:gun|knife))\b/i;
const goodbye = /\b(good ?bye|bye|that'?s all|hang up)\b/i;

/** The caller's newest words, unless the newest message is the result of a tool. */
function lastWords({ messages }: MessagesRequest): {
  readonly words: string;
  readonly results: readonly string[];
} {
  const last = messages.at(-1);
  const blocks = last ? blocksOf(last) : [];
  const results = blocks.flatMap((block) =>
    block.type === 'tool_result'
      ? [typeof block.content === 'string' ? block.content : JSON.stringify(block.content)]
      : [],
  );
  const words = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(' ');
  return { words, results };
}

export function answerTo(request: MessagesRequest): ScriptedAnswer {
  const { words, results } = lastWords(request);
  if (results.length > 0)
    return { text: `I looked that up for you. ${spokenResult(results)} Does that help?` };
  if (danger.test(words))
    return {
      text: 'I am really glad you told me. If you are in danger right now, please call nine one one. You can also call or text nine eight eight at any time. Are you safe at this moment?',
    };
  const tools = (request.tools ?? []).map(({ name }) => name);
  if (goodbye.test(words) && tools.includes('end_call'))
    return {
      text: 'Thank you for calling. Take good care of yourself. Goodbye.',
      toolCalls: [{ name: 'end_call', input: {} }],
    };
  const topic = toolTopics.find(([asked]) => asked.test(words))?.[1];
  const tool = topic && tools.find((name) => topic.test(name));
  if (tool) return { text: 'Let me look that up for you.', toolCalls: [{ name: tool, input: {} }] };
  return { text: reflect(words, request.messages.length) };
}

function spokenResult(results: readonly string[]): string {
  const text = results
    .join(' ')
    .replace(/[{}[\]"]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return `${text.slice(0, 200)}.`;
}

const openings = [
  'I hear you.',
  'Thank you for telling me.',
  'That sounds like a lot to carry.',
  'I understand.',
];
const questions = [
  'What worries you the most right now?',
  'Who is there with you today?',
  'What would help you the most this week?',
  'When did this begin?',
];

/** Gives some of the caller's own words back and asks one question. */
function reflect(words: string, length: number): string {
  const about = words
    .replace(/[^\p{L}\p{N}' ]/gu, '')
    .split(/\s+/)
    .filter((word) => word.length > 4)
    .slice(-3)
    .join(' ');
  const turn = Math.floor(length / 2);
  const opening = openings[turn % openings.length] ?? '';
  const question = questions[turn % questions.length] ?? '';
  return about === ''
    ? `${opening} ${question}`
    : `${opening} You said something about ${about}. ${question}`;
}

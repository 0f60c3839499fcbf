/** A small, predictable stand-in for a model: a few rules on the caller's last words. */
import { findAskedTool } from './asked-tool.ts';
import { blocksOf, type MessagesRequest } from './request.ts';

export interface ScriptedAnswer {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: Record<string, unknown> }[];
  /** Default: `tool_use` with tool calls, else `end_turn`; a limit that is reached wins. */
  readonly stopReason?: 'end_turn' | 'max_tokens' | 'refusal';
}

export type Script = (request: MessagesRequest) => ScriptedAnswer;

/** Danger or self-harm, as callers say it. */
const danger =
  /\b(kill (myself|me|him|her|us)|suicid\w*|end (my (own )?life|it all)|(don'?t|do not) want to (live|be alive)|want to die|hurt(ing)? (me|myself|us|my)|hit(s|ting)? (me|us|my)|chok(ed|ing) me|has a (gun|knife)|threaten\w* to kill|not safe|in danger)\b/i;
const goodbye = /\b(good ?bye|bye( bye)?|that'?s (all|it|everything)|hang up|have to go)\b/i;
const wantsPerson =
  /\b(speak|talk|connect|transfer|put)\b.*\b(person|human|agent|someone|somebody|representative|operator)\b|\breal (person|human)\b/i;
const greeting = /^\W*(hi|hello|hey|good (morning|afternoon|evening))\b[\w\s,.!]{0,20}$/i;

interface LastMessage {
  /** The caller's newest words; empty when the newest message holds only results. */
  readonly words: string;
  readonly results: readonly { readonly text: string; readonly failed: boolean }[];
}

function readLast({ messages }: MessagesRequest): LastMessage {
  const last = messages.at(-1);
  const blocks = last?.role === 'user' ? blocksOf(last) : [];
  return {
    words: blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(' '),
    results: blocks.flatMap((block) => {
      if (block.type !== 'tool_result') return [];
      const text =
        typeof block.content === 'string'
          ? block.content
          : (block.content ?? []).map((part) => part.text).join(' ');
      return [{ text, failed: block.is_error === true }];
    }),
  };
}

/** The same conversation gets the same answer. */
export function answerTo(request: MessagesRequest): ScriptedAnswer {
  const { words, results } = readLast(request);
  const offered = (name: string) =>
    request.tool_choice?.type !== 'none' && request.tools?.some((tool) => tool.name === name);

  if (danger.test(words))
    return {
      text: 'I am really glad you told me. If you are in danger right now, please hang up and call 911. You can call or text 988 at any time, day or night. Are you safe at this moment?',
    };
  if (words === '' && results.length > 0) return { text: speakResults(results) };
  if (goodbye.test(words) && offered('end_call'))
    return {
      text: 'Thank you for calling. Take good care of yourself. Goodbye.',
      toolCalls: [{ name: 'end_call', input: {} }],
    };
  if (wantsPerson.test(words) && offered('transfer_call'))
    return { text: 'Of course. I am connecting you now.', toolCalls: [{ name: 'transfer_call', input: {} }] };

  const tool = request.tool_choice?.type === 'none' ? undefined : findAskedTool(words, request.tools ?? []);
  if (tool) return { text: 'Let me look that up for you.', toolCalls: [tool] };
  if (greeting.test(words))
    return { text: 'Hello, it is good to hear from you. What can I help you with today?' };
  return { text: reflect(words, request.messages.length) };
}

const spokenCharsMax = 240;

function speakResults(results: LastMessage['results']): string {
  if (results.every((result) => result.failed))
    return 'I am sorry, I could not look that up just now. Shall we try again in a moment?';
  const text = results
    .filter((result) => !result.failed)
    .map((result) => result.text)
    .join(' ')
    .replaceAll(/[{}[\]"]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, spokenCharsMax)
    .replace(/[.\s]+$/, '');
  return text === ''
    ? 'That is done. What else is on your mind?'
    : `Here is what I found. ${text}. Does that help?`;
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

/** Words that say little of what somebody is talking about. */
const smallWordCharsMax = 4;
const fillers = new Set([
  'about',
  'again',
  'could',
  'maybe',
  'please',
  'really',
  'should',
  'there',
  'where',
  'would',
]);

/** Gives some of the caller's own words back and asks one question. */
function reflect(words: string, messages: number): string {
  const about = words
    .replaceAll(/[^\p{L}\p{N}' ]/gu, ' ')
    .split(/\s+/)
    .filter((word) => word.length > smallWordCharsMax && !fillers.has(word.toLowerCase()))
    .slice(-3)
    .join(' ');
  const turn = Math.floor(messages / 2);
  const opening = openings[turn % openings.length] ?? '';
  const question = questions[turn % questions.length] ?? '';
  return about === ''
    ? `${opening} ${question}`
    : `${opening} You said something about ${about}. ${question}`;
}

/** What callers and the assistant say in the benchmarks: sentences of the kind that such calls are made of. */

export const utterances: readonly string[] = [
  'When is my next court hearing?',
  'I need to know which form to file for a change of custody.',
  'My ex did not bring the children back on Sunday.',
  'Can you tell me what happens at a first hearing?',
  'I have been waiting for an answer for three weeks now.',
  'The other parent keeps changing the schedule without asking me.',
  'I do not have a lawyer and I cannot pay for one.',
  'Who can pick up my daughter from school on Thursday?',
  'I want to write down what happened yesterday evening.',
  'Is there somebody who could translate the papers for my mother?',
  'They told me to call this number about supervised visits.',
  'I missed the exchange because my car broke down on the highway.',
  'Do I have to answer every message that he sends me?',
  'My son says that he does not want to go there any more.',
  'How long does it take until the judge decides?',
  'I sent the receipts last month and nobody has answered.',
  'Could you please read me the schedule for the holidays?',
  'I am a teacher and one of my students told me something.',
  'What do I do when the address in the order is wrong?',
  'I would like to speak about the report before it is filed.',
];

export const replies: readonly string[] = [
  'I hear you. Let us look at it step by step, and you tell me when it is too fast.',
  'Thank you for telling me. Your next hearing is on Tuesday at nine in the morning, in room four.',
  'That sounds hard. You can write it down today, with the time and the place, in your own words.',
  'I can help you find the form. It is called a request to change the order, and it has three pages.',
  'That is a good question. The court decides on its own time, but the clerk can tell you where it stands.',
  'I understand. Would you like me to save a note, so that the person who calls back knows about it?',
  'Yes, of course. Let me read it to you slowly, and please stop me whenever you want to write.',
  'I am sorry that you had to wait. I can see that the receipts arrived on the second of the month.',
];

/** Showing that one listens. */
export const backchannels: readonly string[] = ['mm-hm', 'okay', 'yeah', 'right', 'uh-huh', 'I see', 'sure'];

/** Taking the turn. */
export const interruptions: readonly string[] = [
  'Wait, that is not what I meant.',
  'No, I said Thursday.',
  'Actually I have another question.',
  'Stop please.',
  'What about my daughter?',
  'I already sent that form last week.',
  'Sorry, can you say that again?',
  'The hearing was moved to Friday.',
];

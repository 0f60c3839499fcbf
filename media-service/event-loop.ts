/** The only loop of a call: takes the next event, transitions, carries out the effects. */
import type { ConversationSettings } from '#core/conversation/settings.ts';
import type { CallEvent, Conversation, Effect } from '#core/conversation/state.ts';
import { newConversation, transition } from '#core/conversation/transition.ts';
import { limits } from '#core/limits.ts';

/**
 * Events that effects cause are taken after the effects that are being carried out.
 * A call whose loop is a thousand events behind is beyond help: further events are dropped.
 */
export function createEventLoop(
  settings: ConversationSettings,
  perform: (effect: Effect) => void,
  onMistake: (error: unknown) => void,
): (event: CallEvent) => void {
  const events: CallEvent[] = [];
  let state: Conversation = newConversation;
  let running = false;

  const step = (event: CallEvent) => {
    const next = transition(state, event, settings);
    state = next.state;
    for (const effect of next.effects) {
      // A mistake of ours in one effect must not take the other effects, or the other calls of the process, with it.
      try {
        perform(effect);
      } catch (error) {
        onMistake(error);
      }
    }
  };

  return (event) => {
    if (events.length >= limits.callEventQueueMax) return;
    events.push(event);
    if (running) return;
    running = true;
    try {
      for (let next = events.shift(); next; next = events.shift()) step(next);
    } finally {
      running = false;
    }
  };
}

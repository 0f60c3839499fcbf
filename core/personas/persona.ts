import type { VoiceId } from '../ports/text-to-speech.ts';
import type { Role } from './role.ts';

/** Who is spoken to: decides the fixed sentences and the base of the prompt. */
export type Audience = 'adult' | 'child';

/** Who answers a call in a role. Data only: the same for every call. */
export interface Persona {
  readonly role: Role;
  /** What the assistant calls itself. */
  readonly name: string;
  readonly audience: Audience;
  /** The first words of a call: at most two short sentences, which say that an AI is speaking. */
  readonly greeting: string;
  /** What is special about this role; comes after the base text that all roles share. */
  readonly prompt: string;
  /** ElevenLabs voice id. A per-number map may put another in its place. */
  readonly voice: VoiceId;
  /** Names of the tools the role may use, of those the deployment has. The tools of the call itself are always there. */
  readonly tools: readonly string[] | 'all';
  /** Claude model, where the role needs another than the deployment's. */
  readonly model?: string;
}

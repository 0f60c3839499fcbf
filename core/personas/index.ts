import { advocate } from './advocate.ts';
import { attorney } from './attorney.ts';
import { cps } from './cps.ts';
import { evaluator } from './evaluator.ts';
import { gal } from './gal.ts';
import { judge } from './judge.ts';
import { kidTeen } from './kid-teen.ts';
import { lawEnforcement } from './law-enforcement.ts';
import { mediator } from './mediator.ts';
import { parent } from './parent.ts';
import type { Persona } from './persona.ts';
import type { Role } from './role.ts';
import { schoolCounselor } from './school-counselor.ts';
import { socialWorker } from './social-worker.ts';
import { therapist } from './therapist.ts';

/** Who answers, by role. */
export const personas: Readonly<Record<Role, Persona>> = {
  parent,
  attorney,
  gal,
  judge,
  therapist,
  school_counselor: schoolCounselor,
  law_enforcement: lawEnforcement,
  mediator,
  advocate,
  kid_teen: kidTeen,
  social_worker: socialWorker,
  cps,
  evaluator,
};

export const personaFor = (role: Role): Persona => personas[role];

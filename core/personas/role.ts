import * as z from 'zod';

/** The thirteen roles a caller can be answered in. */
export const roles = [
  'parent',
  'attorney',
  'gal',
  'judge',
  'therapist',
  'school_counselor',
  'law_enforcement',
  'mediator',
  'advocate',
  'kid_teen',
  'social_worker',
  'cps',
  'evaluator',
] as const;

export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

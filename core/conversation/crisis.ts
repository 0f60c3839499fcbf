/**
 * A floor under the model: words of danger that must not be missed even when the model fails or does not notice.
 * A rule cannot understand; it errs on the side of hearing danger, and what follows from it is gentle.
 */
import { type CrisisKind, type CrisisRule, crisisRules } from './crisis-rules.ts';
import { crisisClauses } from './crisis-text.ts';

export type { CrisisKind } from './crisis-rules.ts';

export interface Crisis {
  readonly kind: CrisisKind;
}

/** A negation that reaches the words after it, without another person between. */
const negatedBefore =
  /\b(?:not|never|nobody|no(?= (?:[a-z]+ )?(?:thoughts?|history|plans?|risk|signs?|intent|danger|weapons?|violence)\b| ?$)|without|denies|denied)(?: (?!i\b|he\b|she\b|they\b|we\b|my\b|but\b|and\b|because\b|when\b|if\b|like\b|know\b|care\b|sure\b|stop\b|help\b|only\b|okay\b|ok\b|~)[a-z']+){0,4} ?$/;
/** Not negations of what follows: `why not kill myself`, `can not stop thinking about suicide`. */
const falseNegation = /\b(?:why not|not only|no matter|no joke|no idea|no doubt)\b[^~]*$/;

/** A negated opinion reaches over the next subject: `i do not think he would hurt me`. */
const negatedOpinion =
  /\b(?:not|never|nobody) (?:ever )?(?:think|thought|believe|believed|say|saying|said|claim|claims|claiming|mean|worried|afraid|scared|true|like)(?: (?:that|of))? ?$/;
const startsWithSubject = /^(?:i|he|she|they|we|my|someone|somebody|daddy|dad|mommy|mom)\b/;

/** Long over. Not counted when the clause also speaks of now. */
const longAgo =
  /\b(?:years? ago|decades? ago|in (?:19|20)\d\d|back in|when i was (?:a |an |in |little|young|growing|\d)|as a (?:kid|child|teenager|teen)|a long time ago|long ago|in the past|growing up|years back|in (?:my )?(?:childhood|college|high school)|used to)\b/;
const longAgoMedical = /\blast (?:year|winter|summer|spring|fall|month)\b/;
const now =
  /\b(?:now|again|tonight|today|yesterday|last night|still|this (?:morning|week|evening|afternoon|weekend|time)|lately|these days)\b/;

/** Stories, files and trainings speak of danger too. Counted only when the caller is not the one in it. */
const talkedAbout =
  /\b(?:(?:in|on|from) (?:the|a|this|that|his|her|my) (?:movie|film|book|novel|story|game|video game|play|show|song)|(?:we|they) (?:read|watched)|(?:movie|film|book|show|class|training|course|lecture|handout|policy|statistics) (?:about|on|for|where|regarding)|polic(?:y|ies)|alleg\w*|accus\w*|petition|affidavit|transcript|case where|how do i (?:document|report|record)|requirements|assessments?|warning signs|hypothetical\w*|testify|mandatory|mandated|statute)\b/;
const firstPerson = /\b(?:i|me|us|my|myself|our)\b/;
/** In a question about a rule, `my client` or `my student` is not a person in danger now. */
const askedInGeneral =
  /\basked (?:me )?(?:if|whether)\b.*\b(?:said|answered|told (?:him|her|them)) no\b|\b(?:what (?:do|should) i (?:do|write|say)|how (?:do|should) i (?:document|report|chart|record|write))\b.*\b(?:if|when) (?:a|an|any|my) (?:client|patient|student|child|kid)\b/;

function counts(rule: CrisisRule, clause: string, matched: string, at: number): boolean {
  const before = clause.slice(0, at);
  const negation = startsWithSubject.test(matched) ? negatedOpinion : negatedBefore;
  if (negation.test(before) && !falseNegation.test(before)) return false;
  const past = longAgo.test(clause) || (rule.kind === 'medical' && longAgoMedical.test(clause));
  if (past && !now.test(clause)) return false;
  if (talkedAbout.test(clause) && !firstPerson.test(matched)) return false;
  return !askedInGeneral.test(clause);
}

function matchesIn(clause: string, rule: CrisisRule): boolean {
  for (const match of clause.matchAll(rule.pattern))
    if (counts(rule, clause, match[0], match.index)) return true;
  return false;
}

/**
 * Whether an utterance speaks of danger to life, of self-harm or of a child being hurt.
 *
 * @param utterance the caller's words in English as the recogniser writes them; case, punctuation and fillers do not matter.
 * @returns the gravest kind found; undefined when none is.
 */
export function detectCrisis(utterance: string): Crisis | undefined {
  const clauses = crisisClauses(utterance);
  const found = crisisRules.find((rule) => clauses.some((clause) => matchesIn(clause, rule)));
  return found === undefined ? undefined : { kind: found.kind };
}

/**
 * Compiles the patterns, which takes about a tenth of a second the first time: call it as a process starts, or the
 * first utterance of the first call waits for it, and every other call with it.
 */
export function warmUpCrisisRules(): void {
  detectCrisis('hello');
}

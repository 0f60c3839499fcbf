/** An utterance made comparable: one spelling per word, no fillers, no figures of speech, one clause at a time. */

const fillers =
  /\b(?:um+|uh+|erm?|hmm+|mm+|just|really|honestly|actually|literally|basically|please|okay|you know|i mean|i guess|kind of|sort of)\b/g;

/** Tried in order: shortened forms first, so that every negation becomes the word `not`. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/\bcannot\b/g, 'can not'],
  [/\bcan'?t\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b/g, '$1 not'],
  [/\bain't\b/g, 'is not'],
  [/\bwanna\b/g, 'want to'],
  [/\bgonna\b/g, 'going to'],
  [/\bgotta\b/g, 'got to'],
  [/\bi'?m\b/g, 'i am'],
  [/\b(you|we|they)'re\b/g, '$1 are'],
  [/\b(i|you|we|they)'?ve\b/g, '$1 have'],
  [/\b(he|she|they|we|you|it|that|there|who|everyone|someone|somebody|nobody)'(?:ll)\b/g, '$1 will'],
  [/\bi'll\b/g, 'i will'],
  [/\b(i|he|she|they|we|you|it|nobody|everyone)'d\b/g, '$1 would'],
  [/\b(he|she|it|that|there|who|what|here|everyone|someone|somebody|nobody)'s\b/g, '$1 is'],
  [/\b([a-z]+)'s (?=(?:going|trying|not|been|in|at|here|outside|drunk|[a-z]+ing)\b)/g, '$1 is '],
  [/\bis got\b/g, 'has got'],
  [/\bno longer\b/g, 'not'],
  [/\bno[ -]one\b/g, 'nobody'],
  [/\bany more\b/g, 'anymore'],
  [/\b(?:nine one one|nine eleven|9 ?1 ?1)\b/g, '911'],
  [/\bstep[ -](?=(?:dad|mom|father|mother)\b)/g, 'step'],
];

/** Figures of speech, and harmless words around alarming ones. They are taken out before anything is looked for. */
const figures: readonly RegExp[] = [
  /\b(?:this|that|it|traffic|feet|back|head|deadline|joke|suspense|heat|[a-z]+s) (?:is |are )?kill(?:ing|ed|s) (?:me|us)\b/g,
  /\bkill(?:ing)? (?:it|time|two birds)\b/g,
  /\b(?:could|would) (?:just )?kill for\b/g,
  /\bkill me (?:if|when|because) (?:i|she|he|they) (?:(?:am|was|will|be|had|have) )*(?:late|forgot|forget|lose|lost|miss|missed|break|broke|sees?|fail|failed|spend|spent|bought|mess|flunk)\b/g,
  /\b(?:dying|die|died|dead) (?:laughing|of (?:embarrassment|laughter|boredom|shame|curiosity)|to (?:know|see|hear|meet|try)|tired|end|serious|horse)\b/g,
  /\b(?:rather die than|would die for|die for my|over my dead body)\b/g,
  /\b(?:love|scared|bored|sick|worried|tickled|worked|talked) (?:you |me |him |her |them )?to death\b/g,
  /\bshoot (?:me|us|you|him|her|them) (?:an?|the) (?:quick )?(?:e ?mail|text|message|note|line)\b/g,
  /\bshot (?:down|at filing|(?:me|us|him|her) an?)\b/g,
  /\bsmother(?:s|ed|ing)? me with (?:[a-z]+ )?(?:messages|texts|emails|calls|love|affection|kisses|paperwork)\b/g,
  /\bstab(?:bed|bing)? (?:me |us )?in the (?:back|dark)\b/g,
  /\bhit (?:me|us) (?:up|that|hard|how|like)\b/g,
  /\b(?:hits?|hitting) (?:me|us) with (?:[a-z]+ ){0,2}(?:motions?|lawsuit|suit|bills?|subpoena|papers|paperwork|petition|order|question|news|surprise|divorce|fees?|charge|discovery|request|pillow|toy|snowball|ball|text|email)\b/g,
  /\bbeat(?:s|ing)? (?:me|us|him|her|them) (?:at|to|by|in (?:court|chess|a game|the game))\b/g,
  /\battack(?:s|ed|ing)? (?:me|us|him|her|my [a-z]+) (?:[a-z]+ )?(?:in (?:[a-z]+ )?(?:court|filings?|emails?|motions?|papers|depositions?|testimony)|online|on (?:facebook|social media)|verbally|for|as an?|through)\b/g,
  /\b(?:kick(?:ed|s|ing)? me (?:out|off)|push(?:ed|es|ing)? me (?:to|for|hard)|grabbed me an?)\b/g,
  /\bhurt(?:s|ing)? (?:me|us) (?:emotionally|financially|by|in court|when (?:he|she|they) (?:forget|forgets|lie|lies|cancel))\b/g,
  /\bhurt(?:s|ing)? (?:my|his|her) (?:feelings|case|credit|chances)\b/g,
  /\bfollow(?:s|ing|ed)? me on (?:instagram|facebook|twitter|tiktok|social media)\b/g,
  /\b(?:gave|give|gives|giving) (?:me|us|her|him) a heart attack\b/g,
  /\b(?:almost|nearly) (?:had|having) (?:a heart attack|a stroke)\b/g,
  /\bstroke of [a-z]+\b/g,
  /\bambulance (?:chasers?|bill|company|report|ride)\b/g,
  /\bbreathe with all\b/g,
  /\bchok(?:ed|ing) (?:up|back)\b/g,
  /\bsuicide (?:prevention|risk|awareness|warning|rates?|training|assessments?|policy|policies|squeeze|hotline)\b/g,
  /\b(?:died by|committed|death by|lost (?:[a-z]+ ){1,3}to) suicide\b/g,
  /\bcall the police (?:report|records)\b/g,
  /\b911 (?=[a-z]+ (?:street|road|avenue|drive|lane|court)\b)/g,
  /\b(?:i am|we are|is|are|am|doing) (?:(?:all|totally|much) )?(?:fine|ok|better|good|great|safe|past that) now\b/g,
  /\btoy (?:gun|knife|sword)\b/g,
];

const repeated = /\b([a-z]+)(?: \1\b)+/g;

function normalise(clause: string): string {
  const plain = clause.replace(/[^a-z0-9' ]+/g, ' ');
  const spelled = spellings.reduce((text, [pattern, word]) => text.replace(pattern, word), plain);
  const bare = spelled.replace(fillers, ' ').replace(/\s+/g, ' ').trim().replace(repeated, '$1');
  return figures
    .reduce((text, pattern) => text.replace(pattern, ' ~ '), bare)
    .replace(/\s+/g, ' ')
    .trim();
}

/** A comma is no border: recognisers put one after every filler. */
const clauseBorder = /[.!?;\n]+|\bbut\b/;

/** @returns the clauses of an utterance, normalised; `~` stands where a figure of speech was. */
export function crisisClauses(utterance: string): readonly string[] {
  return utterance
    .toLowerCase()
    .replace(/[‘’`]/g, "'")
    .split(clauseBorder)
    .map(normalise)
    .filter((clause) => clause !== '');
}

/** People, deeds and things as pieces of patterns, for clauses as `crisis-text.ts` normalises them. */

export const self = '(?:my|your|her|him|them|our)sel(?:f|ves)';
export const familyOfChild =
  "(?:(?:my |mommy's |mom's |dad's |daddy's )*(?:step)?(?:dad|daddy|father|mom|mommy|mama|mum|mother|papa|grandpa|grandma|grandfather|uncle|aunt|babysitter|teacher|coach|foster (?:dad|mom))(?:'s (?:boyfriend|girlfriend|friend))?)";
export const adult =
  "(?:he|she|they|someone|somebody|(?:my|her|his|the|our|a) (?:[a-z]+ )?(?:ex|husband|wife|partner|boyfriend|girlfriend|man|guy|roommate|neighbor|stalker|coparent|co parent|ex husband|ex wife|baby's father|kids' father|kids' mother))";
export const child =
  '(?:(?:my|our|the|his|her) (?:[a-z]+ ){0,2}(?:year old|years old|son|daughter|kids?|child|children|baby|boys?|girls?|toddler|infant|grandson|granddaughter|nephew|niece|student|stepson|stepdaughter))';
/** Up to so many words of any kind, but no negation and no change to the speaker as subject. */
export const gap = (max: number) => `(?:(?! (?:not|never|no|nobody|i)\\b) [a-z']+){0,${max}}`;
export const between = gap(6);
export const violence =
  '(?:hits?|hitting|beats?|beating|beaten|punch(?:es|ed|ing)?|kick(?:s|ed|ing)?|slap(?:s|ped|ping)?|chok(?:es|ed|ing|e)|strangl(?:es|ed|ing|e)|stab(?:s|bed|bing)?|smother(?:s|ed|ing)?|suffocat(?:es|ed|ing)|attack(?:s|ed|ing)?|assault(?:s|ed|ing)?|rap(?:es|ed|ing|e)|molest(?:s|ed|ing)?|hurts?|hurting|shot|shooting|whip(?:s|ped|ping)?|smack(?:s|ed|ing)?|shov(?:es|ed|ing)|push(?:es|ed|ing)?|drag(?:s|ged|ging)?|burn(?:s|ed|ing)?|abus(?:es|ed|ing|e)|shak(?:es|ing)|shook|body slam(?:s|med)?)';
export const weapon =
  '(?:gun|guns|knife|knives|weapon|rifle|pistol|shotgun|machete|axe|hatchet|crowbar|baseball bat|bat|hammer|scissors)';
export const hurled =
  '(?:threw|throws|throwing|thrown|slam(?:s|med|ming)|grab(?:s|bed|bing)|pull(?:s|ed|ing)|knock(?:s|ed|ing)|pinn(?:ed|ing)|held|holding|tied)';
export const hurledWhere =
  '(?:by (?:the|my|his|her|their)|against|across|down|into|onto|through|at the|to the (?:floor|ground|wall)|up (?:against|in))';
export const body =
  '(?:arms?|hand|head|face|nose|ribs?|leg|hair|throat|neck|jaw|teeth|wrists?|finger|eye|lip|stomach|back)';
export const pills =
  '(?:pills|tylenol|advil|aspirin|medicine|medication|meds|xanax|oxy|drugs|sleeping tablets|tablets)';
export const fewWords = (max: number) => `(?: [a-z']+){0,${max}}`;

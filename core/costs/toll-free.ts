/** Toll-free numbers of the North American plan: whoever is called pays more for the minute. */
const tollFree = /^\+1(800|833|844|855|866|877|888)\d{7}$/;

/** @param number E.164. */
export const isTollFree = (number: string): boolean => tollFree.test(number);

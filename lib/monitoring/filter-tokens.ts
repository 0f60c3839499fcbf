/** A filter pattern cut into its parts. */
export interface Token {
  readonly type: 'field' | 'text' | 'number' | 'word' | 'sign';
  readonly text: string;
}

const kinds = [
  ['space', /\s+/y],
  ['field', /\$(?:\.[A-Za-z_][\w-]*)+/y],
  ['text', /"([^"\\]*)"/y],
  ['number', /-?\d+(?:\.\d+)?(?![\w.])/y],
  ['word', /[A-Z]+(?!\w)/y],
  ['sign', /&&|\|\||<=|>=|[=<>(){}]/y],
] as const;

/** @returns undefined when something in the pattern is none of these. */
export function tokensOf(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const found = readAt(pattern, at);
    if (found === undefined) return undefined;
    at += found.length;
    if (found.type !== 'space') tokens.push({ type: found.type, text: found.text });
  }
  return tokens;
}

function readAt(pattern: string, at: number) {
  for (const [type, kind] of kinds) {
    kind.lastIndex = at;
    const match = kind.exec(pattern);
    if (match) return { type, text: match[1] ?? match[0], length: match[0].length };
  }
  return undefined;
}

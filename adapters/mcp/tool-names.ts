/** Names that a model may be offered, for the wider set of names that a tool server may use. Pure. */

/** MCP allows dots and 128 characters; the Messages API letters, digits, `_` and `-`, and surely 64 of them. */
const modelNameCharsMax = 64;
const refused = /[^A-Za-z0-9_-]/g;

/** `name` if it is free, else with a number that makes it so, still within the length. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `_${number}`;
    const candidate = name.slice(0, modelNameCharsMax - suffix.length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}

/**
 * @param serverNames in the order that decides who keeps a name that two would have; sorted by the caller, so that the
 *   same set of tools has the same names every time.
 * @param reserved names the model knows already, from elsewhere.
 * @returns server name by model name.
 */
export function modelNames(serverNames: readonly string[], reserved: readonly string[]): Map<string, string> {
  const byModelName = new Map<string, string>();
  const taken = new Set(reserved);
  for (const serverName of serverNames) {
    const modelName = freeName(serverName.replaceAll(refused, '_'), taken);
    taken.add(modelName);
    byModelName.set(modelName, serverName);
  }
  return byModelName;
}

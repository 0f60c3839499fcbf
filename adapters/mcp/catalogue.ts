/** What a tool server offers, as the model may be shown it. Pure. */
import * as z from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { ToolDefinition } from '#core/ports/language-model.ts';
import { modelNames } from './tool-names.ts';

/** Every definition is read by the model at every turn: more than this is a server that is not meant for a phone. */
const toolsMax = 64;
/** Characters of one description, for the same reason. */
const descriptionCharsMax = 2_000;

const inputSchemaSchema = z.record(z.string(), z.json()).refine((schema) => schema['type'] === 'object');

const listedToolSchema = z.object({
  name: z.string().min(1),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: inputSchemaSchema,
  annotations: z
    .object({ readOnlyHint: z.boolean().optional(), idempotentHint: z.boolean().optional() })
    .nullish(),
  execution: z.object({ taskSupport: z.string().optional() }).nullish(),
});
type ListedTool = z.infer<typeof listedToolSchema>;

export interface OfferedTool {
  readonly serverName: string;
  /** Asking twice does no more than asking once: the server says so, and is believed. */
  readonly repeatable: boolean;
}

export interface Catalogue {
  /** Sorted by name. */
  readonly definitions: readonly ToolDefinition[];
  find(modelName: string): OfferedTool | undefined;
  /** Tools that were listed but cannot be offered. */
  readonly leftOut: number;
}

/** The Messages API refuses a whole request for one property name outside this. */
const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;
/** ... and for one of these at the top of an input schema. */
const refusedAtTop = ['oneOf', 'anyOf', 'allOf'];

function schemaAccepted(schema: JsonObject): boolean {
  const properties = schema['properties'];
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return names.every((name) => propertyName.test(name)) && refusedAtTop.every((word) => !(word in schema));
}

/** A tool that only runs as a background task cannot answer within a turn. */
function canBeOffered(tool: ListedTool): boolean {
  return tool.execution?.taskSupport !== 'required' && schemaAccepted(tool.inputSchema);
}

function definition(modelName: string, tool: ListedTool): ToolDefinition {
  const description = tool.description ?? tool.title ?? tool.name;
  return {
    name: modelName,
    description: description.slice(0, descriptionCharsMax),
    inputSchema: tool.inputSchema,
  };
}

/**
 * @param listed as the server sent them; one that cannot be read or offered is left out, the others are not.
 * @param reserved names that a tool of the server may not take.
 */
export function createCatalogue(listed: readonly unknown[], reserved: readonly string[]): Catalogue {
  const tools = new Map<string, ListedTool>();
  for (const value of listed) {
    const parsed = listedToolSchema.safeParse(value);
    if (parsed.success && canBeOffered(parsed.data)) tools.set(parsed.data.name, parsed.data);
  }
  const serverNames = [...tools.keys()].sort().slice(0, toolsMax);
  const byModelName = new Map<string, ListedTool>();
  for (const [modelName, serverName] of modelNames(serverNames, reserved)) {
    const tool = tools.get(serverName);
    if (tool) byModelName.set(modelName, tool);
  }
  const definitions = [...byModelName].map(([modelName, tool]) => definition(modelName, tool));

  return {
    definitions: definitions.sort((a, b) => (a.name < b.name ? -1 : 1)),
    find(modelName) {
      const tool = byModelName.get(modelName);
      if (!tool) return undefined;
      const { readOnlyHint = false, idempotentHint = false } = tool.annotations ?? {};
      return { serverName: tool.name, repeatable: readOnlyHint || idempotentHint };
    },
    leftOut: listed.length - definitions.length,
  };
}

export const emptyCatalogue: Catalogue = createCatalogue([], []);

/** The tools by which the model steers the call itself. */
import type { JsonObject } from '../json.ts';
import type { ToolDefinition } from '../ports/language-model.ts';

const noInput: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

export const endCallTool: ToolDefinition = {
  name: 'end_call',
  description:
    'Ends the phone call after your goodbye has been heard. Use it when the caller says goodbye or clearly wants to stop. Say a short, kind goodbye first.',
  inputSchema: noInput,
};

export const transferCallTool: ToolDefinition = {
  name: 'transfer_call',
  description:
    'Connects the caller to a person after your sentence has been heard. Use it when the caller asks for a person or needs what only a person can do. First say that you are connecting them.',
  inputSchema: noInput,
};

/** A tool that cannot work on this call is not offered. */
export function callTools(options: { readonly canTransfer: boolean }): readonly ToolDefinition[] {
  return options.canTransfer ? [endCallTool, transferCallTool] : [endCallTool];
}

export function isCallTool(name: string): boolean {
  return name === endCallTool.name || name === transferCallTool.name;
}

/** The tools by which the model steers the call itself. */
import type { CallSid } from '../ids.ts';
import type { JsonObject } from '../json.ts';
import type { ToolDefinition } from '../ports/language-model.ts';
import type { CrisisKind } from './crisis-rules.ts';

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

/** The tool server's own tool for danger: called by rule when the crisis floor is touched, and by the model at will. */
export const safetyToolName = 'safety_report_concern';

const dangers: Readonly<Record<CrisisKind, string>> = {
  'self-harm': 'A caller may be thinking of harming themselves.',
  'child-danger': 'A child may be in danger.',
  danger: 'A caller may be in danger from somebody.',
  medical: 'A caller may need medical help at once.',
};

/** What is reported: the kind of danger and the call, not the caller's words. */
export const safetyReport = (callSid: CallSid, kind: CrisisKind): JsonObject => ({
  concern: `${dangers[kind]} Call ${callSid}.`,
});

/** A tool that cannot work on this call is not offered. */
export function callTools(options: { readonly canTransfer: boolean }): readonly ToolDefinition[] {
  return options.canTransfer ? [endCallTool, transferCallTool] : [endCallTool];
}

export function isCallTool(name: string): boolean {
  return name === endCallTool.name || name === transferCallTool.name;
}

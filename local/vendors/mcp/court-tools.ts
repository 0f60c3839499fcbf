/** The tools of the simulated MCP server: a small court's service desk with made-up data. */

export interface ToolAnswer {
  readonly text: string;
  readonly isError?: boolean;
  readonly afterMs?: number;
}

export interface CourtTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly readOnly: boolean;
  readonly answer: (input: Readonly<Record<string, unknown>>) => ToolAnswer;
}

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const text = (description: string) => ({ type: 'string', description });

export const courtTools: readonly CourtTool[] = [
  {
    name: 'case.next_hearing',
    description: "When and where the caller's next court hearing is.",
    inputSchema: object({ case_number: text('The case number, when the caller has said it') }),
    readOnly: true,
    answer: () => ({ text: 'Your next hearing is on Tuesday at nine in the morning in courtroom four' }),
  },
  {
    name: 'case.parenting_schedule',
    description: 'The parenting schedule that the court has ordered, for a week or a holiday.',
    inputSchema: object({ period: text('Which week or holiday') }),
    readOnly: true,
    answer: () => ({
      text: 'The children are with you from Friday evening until Monday morning',
      afterMs: 2_000,
    }),
  },
  {
    name: 'court.find_form',
    description: 'Finds the court form for a purpose and says where to get it.',
    inputSchema: object({ purpose: text('What the form is for') }),
    readOnly: true,
    answer: () => ({
      text: 'That is form twelve, a request to change an order. The clerk on the first floor has it',
    }),
  },
  {
    name: 'resources.find_support',
    description: 'Finds support near the caller: legal aid, a shelter, a counselor, a support group.',
    inputSchema: object({ kind: text('Which support'), city: text('City, when the caller has said it') }),
    readOnly: true,
    answer: () => ({ text: 'Legal aid is open today until five at the family center' }),
  },
  {
    name: 'safety.report_concern',
    description:
      'Tells the safety team that a caller may be in danger. Use it when someone speaks of danger.',
    inputSchema: object({ kind: text('Which danger') }),
    readOnly: false,
    answer: () => ({ text: 'The safety team has been told' }),
  },
  {
    name: 'notes.save',
    description: 'Saves a short note for the person who calls back.',
    inputSchema: object({ note: text('The note') }, ['note']),
    readOnly: false,
    answer: ({ note }) =>
      typeof note === 'string' && note !== ''
        ? { text: 'The note is saved' }
        : { text: 'A note needs words', isError: true },
  },
];

/** The tools of the simulated MCP server: a family court's service desk, with made-up data in memory. */

export interface ToolAnswer {
  readonly text: string;
  /** The tool could not do it; the text says why. */
  readonly isError?: boolean;
}

export interface ToolSchema {
  readonly type: 'object';
  readonly properties: Readonly<
    Record<
      string,
      { readonly type: 'string'; readonly description: string; readonly enum?: readonly string[] }
    >
  >;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export interface CourtTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ToolSchema;
  /** A hint to clients: may be called again after a lost answer. */
  readonly readOnly: boolean;
  /** How long it takes. */
  readonly takesMs: number;
  readonly answer: (input: Readonly<Record<string, string>>) => ToolAnswer;
}

/** A desk that has to look in another system: long for somebody who waits on the phone. */
const slowLookupMs = 2_000;
/** Notes kept; the oldest are dropped. */
const notesMax = 1_000;

const hearings: Readonly<Record<string, string>> = {
  '24-1187': 'The next hearing in case 24-1187 is on Tuesday at nine in the morning, in courtroom four',
  '23-0456': 'The next hearing in case 23-0456 is on the first Monday of next month at two, by video',
};
const defaultCase = '24-1187';

const schedules: Readonly<Record<string, string>> = {
  week: 'This week the children are with you from Friday at six in the evening until Monday morning at school',
  holiday:
    'The order splits the winter holiday: the first half with you in even years, the second in odd years',
  summer: 'In summer each parent has two weeks in a row, chosen by the first of May',
};

const forms: readonly (readonly [about: RegExp, form: string])[] = [
  [
    /chang|modif/i,
    'That is form twelve, the request to change an order. The clerk on the first floor has it',
  ],
  [/fee|waive|afford|money/i, 'That is form three, the request to waive fees. It is two pages'],
  [/protect|restrain|safe/i, 'That is form one hundred, the request for a protective order. There is no fee'],
  [/contempt|violat|enforce/i, 'That is form twenty, the motion to enforce an order'],
];

const supports: Readonly<Record<string, string>> = {
  'legal aid': 'Legal aid is open today until five at the family center, and it is free',
  shelter: 'The family shelter answers day and night and keeps its address private',
  counseling: 'The family center has a counselor on Mondays and Thursdays, also for children',
  'support group': 'A group for separated parents meets on Wednesday evening at the library',
};

const string = (description: string, values?: readonly string[]) =>
  ({ type: 'string', description, ...(values ? { enum: values } : {}) }) as const;

function schema(properties: ToolSchema['properties'], required: readonly string[] = []): ToolSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const readTools: readonly CourtTool[] = [
  {
    name: 'case.next_hearing',
    title: 'Next hearing',
    description: "Tells when and where the caller's next court hearing is.",
    inputSchema: schema({
      case_number: string('The case number, such as 24-1187, when the caller has said it'),
    }),
    readOnly: true,
    takesMs: 0,
    answer({ case_number = defaultCase }) {
      const text = Object.hasOwn(hearings, case_number) ? hearings[case_number] : undefined;
      return text ? { text } : { text: 'There is no case with this number', isError: true };
    },
  },
  {
    name: 'case.parenting_schedule',
    title: 'Parenting schedule',
    description:
      'Tells the parenting schedule that the court has ordered: for the week, a holiday or the summer.',
    inputSchema: schema({ period: string('Which part of the schedule', Object.keys(schedules)) }),
    readOnly: true,
    takesMs: slowLookupMs,
    answer: ({ period = 'week' }) => ({ text: schedules[period] ?? '' }),
  },
  {
    name: 'court.find_form',
    title: 'Find a form',
    description: 'Finds the court form for a purpose and says where to get it.',
    inputSchema: schema({ purpose: string("What the form is for, in the caller's words") }, ['purpose']),
    readOnly: true,
    takesMs: 0,
    answer: ({ purpose = '' }) => {
      const found = forms.find(([about]) => about.test(purpose));
      return {
        text:
          found?.[1] ?? 'The clerk on the first floor knows which form it is, every day from eight to four',
      };
    },
  },
  {
    name: 'resources.find_support',
    title: 'Find support',
    description: 'Finds support near the caller: legal aid, a shelter, counseling or a support group.',
    inputSchema: schema({
      kind: string('Which support', Object.keys(supports)),
      city: string('The city, when the caller has said it'),
    }),
    readOnly: true,
    takesMs: 0,
    answer: ({ kind = 'legal aid' }) => ({ text: supports[kind] ?? '' }),
  },
];

/** Each server has its own data. */
export function createCourtTools(): readonly CourtTool[] {
  const notes: string[] = [];
  return [
    ...readTools,
    {
      name: 'safety.report_concern',
      title: 'Report a concern',
      description: 'Tells the safety team that a caller or a child may be in danger.',
      inputSchema: schema({ concern: string('What the danger is') }, ['concern']),
      readOnly: false,
      takesMs: 0,
      answer: () => ({ text: 'The safety team has been told and will call back within the hour' }),
    },
    {
      name: 'notes.save',
      title: 'Save a note',
      description: 'Saves a short note for the person who calls back.',
      inputSchema: schema({ note: string('The note') }, ['note']),
      readOnly: false,
      takesMs: 0,
      answer({ note = '' }) {
        if (note.trim() === '') return { text: 'A note needs words', isError: true };
        notes.push(note);
        if (notes.length > notesMax) notes.shift();
        return {
          text: `The note is saved. There ${notes.length === 1 ? 'is one note' : `are ${notes.length} notes`}`,
        };
      },
    },
  ];
}

/** @returns what is wrong with the input, for the model to mend; undefined when it fits. */
export function findInputProblem(
  { properties, required }: ToolSchema,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(input, name));
  if (missing !== undefined) return `${missing} is missing`;
  for (const [name, value] of Object.entries(input)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!property) return `${name.slice(0, 50)} is not known`;
    if (typeof value !== 'string') return `${name} must be text`;
    if (property.enum && !property.enum.includes(value))
      return `${name} must be one of: ${property.enum.join(', ')}`;
  }
  return undefined;
}

/** What the costs routes take and answer. */
import {
  alertQuerySchema,
  alertsAnswerSchema,
  budgetQuerySchema,
  budgetsAnswerSchema,
  callCostAnswerSchema,
  costCallPathSchema,
  costSummaryAnswerSchema,
  costSummaryQuerySchema,
  reconcileAnswerSchema,
  rollupAnswerSchema,
  rollupQuerySchema,
} from './costs.ts';
import { alertsExample, budgetsExample, callCostExample, summaryExample } from './costs-examples.ts';
import type { Operation } from './operation.ts';

const rollup: Operation = {
  summary: 'Adds up what is due, or one day.',
  query: rollupQuerySchema,
  answers: { 200: { description: 'What was added up.', schema: rollupAnswerSchema } },
  problems: ['bad_request'],
};

export const costOperations: Readonly<Record<string, Operation>> = {
  'GET /costs/call/{callSid}': {
    summary: 'What one call cost, event by event.',
    path: costCallPathSchema,
    answers: { 200: { description: 'The costs.', schema: callCostAnswerSchema, example: callCostExample } },
    problems: ['bad_request', 'not_found'],
  },
  'GET /costs/summary': {
    summary: 'What a range of days cost, by day, role, service, key, direction or outcome.',
    query: costSummaryQuerySchema,
    answers: { 200: { description: 'The costs.', schema: costSummaryAnswerSchema, example: summaryExample } },
    problems: ['bad_request'],
  },
  'GET /costs/budgets': {
    summary: 'What is spent of every budget and quota, and where the month will end.',
    query: budgetQuerySchema,
    answers: { 200: { description: 'The budgets.', schema: budgetsAnswerSchema, example: budgetsExample } },
    problems: ['bad_request'],
  },
  'GET /costs/alerts': {
    summary: 'What somebody has to look at, newest first.',
    query: alertQuerySchema,
    answers: { 200: { description: 'One page.', schema: alertsAnswerSchema, example: alertsExample } },
    problems: ['bad_request'],
  },
  'POST /costs/rollup': rollup,
  'GET /api/cron/cost-rollup': rollup,
  'POST /costs/reconcile': {
    summary: "Compares our books with the vendors', for one day or for the last two.",
    query: rollupQuerySchema,
    answers: { 200: { description: 'What was found.', schema: reconcileAnswerSchema } },
    problems: ['bad_request'],
  },
};

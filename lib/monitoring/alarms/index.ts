/** Every alarm of a stage. */
import type { Watched } from '../props.ts';
import { callAlarms } from './calls.ts';
import { httpAlarms } from './http.ts';
import { jobAlarms } from './jobs.ts';
import { moneyAlarms } from './money.ts';
import { platformAlarms } from './platform.ts';
import type { AlarmSpec } from './spec.ts';
import { vendorAlarms } from './vendors.ts';

export function alarmsOf(watched: Watched): readonly AlarmSpec[] {
  const everything = [
    ...callAlarms(watched),
    ...vendorAlarms,
    ...httpAlarms(watched),
    ...jobAlarms(watched),
    ...platformAlarms(watched),
    ...moneyAlarms(watched),
  ];
  return watched.settings.monitoring === 'full'
    ? everything
    : everything.filter(({ level }) => level === 'essential');
}

/** Several alarms with one cause: somebody is woken once, and finds the details in the tickets. */
export interface CompositeSpec {
  readonly id: string;
  readonly says: string;
  /** Fires while any of these does; alone they only make tickets. */
  readonly anyOf: readonly string[];
}

export const composites: readonly CompositeSpec[] = [
  {
    id: 'callers-cannot-get-through',
    says: 'Calls fail before a word is said: the way from Twilio to a media task is broken.',
    anyOf: ['canary-failing', 'media-tasks-missing', 'webhook-errors', 'webhook-throttled', 'api-5xx'],
  },
];

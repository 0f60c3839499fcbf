/** Every limit of the HTTP side by name. */
import type { RateRule } from './sliding-window.ts';

const minute = 60;
const hour = 3_600;

export const rateRules = {
  /** Calls placed by one API key. */
  outboundPerKey: {
    name: 'outbound-per-key',
    windows: [
      { seconds: minute, max: 30 },
      { seconds: hour, max: 500 },
    ],
  },
  /** Requests of one API key for records. */
  recordsPerKey: { name: 'records-per-key', windows: [{ seconds: minute, max: 120 }] },
  /** Requests of one API key for costs. */
  costsPerKey: { name: 'costs-per-key', windows: [{ seconds: minute, max: 120 }] },
  /** Registrations of web calls from one address. */
  webCallPerIp: {
    name: 'web-call-per-ip',
    windows: [
      { seconds: 15 * minute, max: 5 },
      { seconds: hour, max: 20 },
    ],
  },
  /** Registrations of web calls by one visitor. */
  webCallPerVisitor: { name: 'web-call-per-visitor', windows: [{ seconds: 10 * minute, max: 3 }] },
  /** Consents given from one address: a household, not a robot. */
  consentPerIp: { name: 'consent-per-ip', windows: [{ seconds: hour, max: 10 }] },
} as const satisfies Record<string, RateRule>;

/** Inbound calls of one caller, to all of our numbers; `perHour` is that of the number called. */
export const inboundPerCaller = (perHour: number): RateRule => ({
  name: 'inbound-per-caller',
  windows: [{ seconds: hour, max: perHour }],
});

/** Calls of the whole stage, from wherever they come. */
export const callsPerStage = (perMinute: number): RateRule => ({
  name: 'calls-per-stage',
  windows: [{ seconds: minute, max: perMinute }],
});

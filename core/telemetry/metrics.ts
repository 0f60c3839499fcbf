/** Where metrics of the processes arrive: what the code writes and the alarms read must agree. */
export const metricsNamespace = 'VoiceCenter';

/** Dimensions of every metric, and the names of the fields that hold them. Never anything of a single call. */
export const metricDimensions = ['service', 'stage'] as const;

/** Which kind of process speaks: the media service, or the functions (requests and jobs). */
export type ServiceName = 'media' | 'api';

/** How often a media task tells how many calls it has, and whether it keeps up. */
export const vitalsEveryMs = 30_000;

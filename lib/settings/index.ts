/** The stages that exist. A new one: a file beside these, and its name here. */
import { dev } from './dev.ts';
import { prod } from './prod.ts';
import { parseSettings, SettingsError, type StageSettings } from './schema.ts';
import { test } from './test.ts';

const stages: Readonly<Record<string, StageSettings>> = { dev, test, prod };

export const stageNames: readonly string[] = Object.keys(stages);

/** Throws `SettingsError`. */
export function settingsOf(stage: string): StageSettings {
  const given = stages[stage];
  if (given === undefined)
    throw new SettingsError(stage, [
      `there is no such stage; there are ${stageNames.join(', ')} (--context stage=dev)`,
    ]);
  return parseSettings(stage, given);
}

/** The same stage without media tasks: it costs its load balancer and answers no call. */
export const park = (settings: StageSettings): StageSettings => ({
  ...settings,
  media: { ...settings.media, tasks: { min: 0, max: 0 } },
});

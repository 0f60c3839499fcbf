/** The stages there are. A new one is a file beside these and a line here. */
import { dev } from './dev.ts';
import { prod } from './prod.ts';
import { checkSettings, SettingsError, type StageSettings, type StageSettingsInput } from './schema.ts';
import { test } from './test.ts';

const given: Readonly<Record<string, StageSettingsInput>> = { dev, test, prod };

export const stageNames: readonly string[] = Object.keys(given);

/** Throws `SettingsError`. */
export function settingsOf(stage: string): StageSettings {
  const settings = given[stage];
  if (!settings)
    throw new SettingsError(stage, [`there is no such stage; give one of ${stageNames.join(', ')}`]);
  return checkSettings(stage, settings);
}

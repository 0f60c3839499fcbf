import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { priceVariables } from '#core/costs/price-overrides.ts';
import { functionsConfigSchema } from '#lambdas/config.ts';
import { developmentValues } from '#local/development-values.ts';
import { mediaConfigSchema } from '#media-service/config.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../../.env.example'), 'utf8');
const entries = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
  name,
  value,
}));
const named = entries.map(({ name }) => name);

/** What only a stack on one machine reads. */
const localVariables = ['PORT', 'DATA_DIR', 'PRICES_FILE'];

describe('.env.example', () => {
  it('names every variable that a process reads, and no other', () => {
    const read = new Set([
      ...Object.keys(functionsConfigSchema.shape),
      ...Object.keys(mediaConfigSchema.shape),
      ...priceVariables,
      ...localVariables,
    ]);

    assert.deepEqual(named.toSorted(), [...read].toSorted());
  });

  it('shows the defaults that are in force', () => {
    const defaults: Record<string, unknown> = { ...developmentValues };
    for (const shape of [functionsConfigSchema.shape, mediaConfigSchema.shape]) {
      for (const [name, schema] of Object.entries(shape)) {
        const parsed = schema.safeParse(undefined);
        if (parsed.success && parsed.data !== undefined) defaults[name] ??= parsed.data;
      }
    }

    const checkable = entries.filter(({ name, value }) => value !== '' && name in defaults);
    for (const { name, value } of checkable) {
      if (typeof defaults[name] !== 'object') assert.equal(value, String(defaults[name]), name);
    }
    assert.equal(checkable.length > 20, true);
  });

  it('sets nothing by itself', () => {
    const active = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

    assert.deepEqual(active, []);
  });
});

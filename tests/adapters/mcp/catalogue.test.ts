import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCatalogue } from '#adapters/mcp/catalogue.ts';

const tool = (name: string, more: object = {}) => ({
  name,
  description: 'Does it',
  inputSchema: { type: 'object' },
  ...more,
});
const namesOf = (listed: readonly unknown[], reserved: readonly string[] = []) =>
  createCatalogue(listed, reserved).definitions.map((definition) => definition.name);

describe('createCatalogue', () => {
  it('gives every tool a name the model may be told, and finds the tool by it', () => {
    const catalogue = createCatalogue([tool('case.next hearing')], []);

    assert.equal(catalogue.definitions[0]?.name, 'case_next_hearing');
    assert.equal(catalogue.find('case_next_hearing')?.serverName, 'case.next hearing');
    assert.equal(catalogue.find('case.next hearing'), undefined);
  });

  it('tells tools apart whose names become the same', () => {
    const catalogue = createCatalogue([tool('a_b'), tool('a.b'), tool('a b')], []);

    const found = catalogue.definitions.map(({ name }) => [name, catalogue.find(name)?.serverName]);
    assert.deepEqual(found, [
      ['a_b', 'a b'],
      ['a_b_2', 'a.b'],
      ['a_b_3', 'a_b'],
    ]);
  });

  it('keeps names within 64 characters, and still apart', () => {
    const names = namesOf([tool(`${'x'.repeat(100)}1`), tool(`${'x'.repeat(100)}2`)]);

    assert.deepEqual(names, ['x'.repeat(64), `${'x'.repeat(62)}_2`].sort());
  });

  it('leaves names alone that tools of our own have', () => {
    assert.deepEqual(namesOf([tool('end_call')], ['end_call']), ['end_call_2']);
  });

  it('has the same order whatever order the server lists in', () => {
    const [a, b, c] = [tool('a'), tool('b.c'), tool('b_c')];

    assert.deepEqual(createCatalogue([a, b, c], []).definitions, createCatalogue([c, b, a], []).definitions);
  });

  it('lists a tool once that is on two pages', () => {
    assert.deepEqual(namesOf([tool('a'), tool('a')]), ['a']);
  });

  for (const [what, listed] of [
    ['has no input schema', { name: 'b' }],
    ['has a schema that is no object', tool('b', { inputSchema: { type: 'string' } })],
    [
      'has a property that the model may not be told',
      tool('b', { inputSchema: { type: 'object', properties: { 'a b': {} } } }),
    ],
    ['has a choice at the top of its schema', tool('b', { inputSchema: { type: 'object', anyOf: [] } })],
    ['only runs in the background', tool('b', { execution: { taskSupport: 'required' } })],
    ['is not a tool at all', 'b'],
  ] as const) {
    it(`leaves out a tool that ${what}, and no other`, () => {
      const catalogue = createCatalogue([tool('a'), listed, tool('c')], []);

      assert.deepEqual(
        catalogue.definitions.map(({ name }) => name),
        ['a', 'c'],
      );
      assert.equal(catalogue.leftOut, 1);
    });
  }

  it('offers a bounded number of tools with bounded descriptions', () => {
    const many = Array.from({ length: 100 }, (_, n) => tool(`t${n}`, { description: 'x'.repeat(5_000) }));

    const { definitions, leftOut } = createCatalogue(many, []);

    assert.equal(definitions.length, 64);
    assert.equal(leftOut, 36);
    assert.ok(definitions.every(({ description }) => description.length <= 2_000));
  });

  it('believes a server about which tools may be repeated, and assumes none', () => {
    const catalogue = createCatalogue(
      [
        tool('read', { annotations: { readOnlyHint: true } }),
        tool('set', { annotations: { idempotentHint: true, readOnlyHint: false } }),
        tool('add', { annotations: { destructiveHint: false } }),
        tool('other'),
      ],
      [],
    );

    const repeatable = ['read', 'set', 'add', 'other'].map((name) => catalogue.find(name)?.repeatable);
    assert.deepEqual(repeatable, [true, true, false, false]);
  });
});

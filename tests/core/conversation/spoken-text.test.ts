import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSpokenText } from '#core/conversation/spoken-text.ts';

const cases: readonly (readonly [string, string])[] = [
  ['Hello there.', 'Hello there.'],
  ['**Please** call _me_ back, `now`.', 'Please call me back, now.'],
  ['***Very*** important', 'Very important'],
  ['## Next steps\nCall the court.', 'Next steps. Call the court.'],
  ['- Milk\n- Eggs\n* Bread', 'Milk. Eggs. Bread'],
  ['1. First, breathe.\n2. Then call.', '1. First, breathe. 2. Then call.'],
  ['> I hear you.', 'I hear you.'],
  ['One.\n\n---\n\nTwo.', 'One. Two.'],
  ['```json\nhello\n```', 'hello.'],
  ['Great job! 😊👍🏽 See you 🇺🇸', 'Great job! See you'],
  ['Press 1️⃣ now', 'Press 1 now'],
  ['See [the form](https://courts.example.gov/form?id=1) first.', 'See the form first.'],
  ['Go to https://www.courts.ca.gov/selfhelp?x=1.', 'Go to courts dot ca dot gov slash selfhelp.'],
  ['Go to www.childhelp.org, please', 'Go to childhelp dot org, please'],
  ['| Day | Time |\n|---|---|\n| Mon | 3 p.m. |', 'Day Time. Mon 3 p.m.'],
  ['5*3 is 15 and 2 * 2 is 4', '5*3 is 15 and 2 * 2 is 4'],
  ['a snake_case name', 'a snake_case name'],
  ['Well 😊 , yes 😊!', 'Well, yes!'],
  ['  many   spaces\t here  ', 'many spaces here'],
  ['It costs $1,200.50 at 3:30 p.m. — really?', 'It costs $1,200.50 at 3:30 p.m. — really?'],
  ["Don't worry; it's the court's job (mostly).", "Don't worry; it's the court's job (mostly)."],
  ['¿Está bien? Sí, señora.', '¿Está bien? Sí, señora.'],
  ['…', ''],
  ['', ''],
];

for (const [written, spoken] of cases)
  test(`${JSON.stringify(written)} is spoken as ${JSON.stringify(spoken)}`, () => {
    assert.equal(toSpokenText(written), spoken);
  });

test('text that is spoken already is not changed again', () => {
  for (const [written] of cases) {
    const once = toSpokenText(written);

    assert.equal(toSpokenText(once), once);
  }
});

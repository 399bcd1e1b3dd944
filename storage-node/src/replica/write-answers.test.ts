import { expect, test } from 'vitest';
import { WriteAnswers } from './write-answers.ts';

test('no more wait than there is room for, until some are answered', async () => {
  const answers = new WriteAnswers();
  const waiting: Promise<void>[] = [];
  for (let sequence = 1n; !answers.isFull && sequence <= 100_000n; sequence += 1n) waiting.push(answers.until(sequence, 'applied'));
  expect(waiting.length).toBe(16_384);
  answers.reached(1n, 'committed');
  expect(answers.isFull).toBe(true);
  answers.reached(1n, 'applied');
  expect(answers.isFull).toBe(false);
  answers.reached(100_000n, 'applied');
  await Promise.all(waiting);
});

import { expect, test } from 'vitest';
import { EntryMemory } from './entry-memory.ts';

test('the oldest are forgotten when there is no room, and what is larger than all the room at once', () => {
  const memory = new EntryMemory(100);
  const forgotten: string[] = [];
  const keep = (name: string, bytes: number) => memory.keep(bytes, () => void forgotten.push(name));
  keep('a', 40);
  keep('b', 60);
  expect(forgotten).toEqual([]);
  keep('c', 50);
  expect(forgotten).toEqual(['a', 'b']);
  keep('large', 101);
  expect(forgotten).toEqual(['a', 'b', 'large']);
  keep('d', 50);
  expect(forgotten).toEqual(['a', 'b', 'large']);
});

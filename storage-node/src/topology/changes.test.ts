import { expect, test } from 'vitest';
import { Changes } from './changes.ts';

const never = new AbortController().signal;

test('what holds already is not waited for', async () => {
  await expect(new Changes().until(() => true, never)).resolves.toBeUndefined();
});

test('a waiter looks again after every change and at no other time', async () => {
  const changes = new Changes();
  let looks = 0;
  const waiting = changes.until(() => (looks += 1) === 3, never);
  expect(looks).toBe(1);
  changes.notify();
  expect(looks).toBe(2);
  changes.notify();
  await waiting;
  changes.notify();
  expect(looks).toBe(3);
});

test('the signal ends the wait with its reason, and the waiter looks no more', async () => {
  const changes = new Changes();
  const leaving = new AbortController();
  let looks = 0;
  const look = () => {
    looks += 1;
    return false;
  };
  const waiting = changes.until(look, leaving.signal);
  leaving.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(changes.until(look, leaving.signal)).rejects.toThrow('gone');
  changes.notify();
  expect(looks).toBe(1);
});

test('a look that fails ends its own wait only', async () => {
  const changes = new Changes();
  let isBroken = false;
  const failing = changes.until(() => {
    if (isBroken) throw new Error('cannot look');
    return false;
  }, never);
  let holds = false;
  const other = changes.until(() => holds, never);
  isBroken = true;
  changes.notify();
  await expect(failing).rejects.toThrow('cannot look');
  holds = true;
  changes.notify();
  await other;
});

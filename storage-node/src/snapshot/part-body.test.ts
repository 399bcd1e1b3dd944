import { expect, test } from 'vitest';
import { PartBody } from './part-body.ts';
import { fileHeaderBytesMax, partBytes } from './part-format.ts';

const memoryOf = (body: PartBody): ArrayBufferLike => body.bytes.buffer;

function filled(expectedBytes: number): PartBody {
  const body = new PartBody(expectedBytes);
  body.append(Buffer.from('some'));
  return body;
}

test('two bodies of whole parts leave their memory to the next ones, others give it back', () => {
  const bodies = Array.from({ length: 3 }, () => filled(partBytes + fileHeaderBytesMax));
  const [first, second, third] = bodies.map(memoryOf);
  const small = filled(100);
  const ofSmall = memoryOf(small);
  for (const body of [...bodies, small]) body.release();
  expect([first, second, third, ofSmall].map((memory) => memory?.byteLength === 0)).toEqual([false, false, true, true]);
  const next = Array.from({ length: 3 }, () => filled(partBytes + fileHeaderBytesMax)).map(memoryOf);
  expect(next.slice(0, 2)).toEqual([second, first]);
  expect(new Set(next).size).toBe(3);
});

test('what was in the memory before is no part of a body', () => {
  const before = filled(partBytes + fileHeaderBytesMax);
  before.release();
  const body = filled(partBytes + fileHeaderBytesMax);
  expect(body.bytes.toString()).toBe('some');
  expect(before.length).toBe(0);
});

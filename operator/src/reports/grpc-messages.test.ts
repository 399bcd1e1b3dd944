import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { framed, GrpcFramingError, GrpcMessages } from './grpc-messages.ts';

test('law: messages come out as they went in, however the bytes were cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(framed));
      const reader = new GrpcMessages(40);
      const got: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + (cuts.next().value ?? 1);
        got.push(...Array.from(reader.take(bytes.subarray(at, end)), (message) => Buffer.from(message)));
        at = end;
      }
      expect(got).toEqual(sent.map((message) => Buffer.from(message)));
    }),
  );
});

test.for([
  ['compressed', Buffer.from([1, 0, 0, 0, 1, 0])],
  ['longer than allowed', Buffer.from([0, 0, 0, 0, 41])],
] as const)('a message that is %s is refused', ([, bytes]) => {
  expect(() => [...new GrpcMessages(40).take(bytes)]).toThrow(GrpcFramingError);
});

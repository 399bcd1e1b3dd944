/** Sending and the window together: who goes first, who waits, and that nobody waits forever. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlFrame, readFrame } from './frames.ts';
import { maxQueuedBytes, maxUnflushedBytes, roomBytes, windowBytes } from './link-limits.ts';
import { MessageAssembly } from './message-assembly.ts';
import { Outbox } from './outbox.ts';
import { ReceiveWindow } from './receive-window.ts';

const message = (byteLength: number) => ({ byteLength, pieces: [Buffer.allocUnsafe(byteLength)] });

/** A socket that takes frames when it is told to. */
function socket() {
  const frames: { readonly frame: Buffer; readonly flushed: () => void }[] = [];
  const turns: (() => void)[] = [];
  const outbox = new Outbox({
    write: (frame, flushed) => frames.push({ frame, flushed }),
    soon: (run) => turns.push(run),
    onMessagesSent: () => {},
  });
  const unflushed = () => frames.reduce((sum, { frame }) => sum + frame.length, 0);
  const turn = () => turns.splice(0).forEach((run) => run());
  const take = () => {
    const next = frames.shift();
    next?.flushed();
    return next?.frame;
  };
  return { outbox, take, turn, unflushed };
}

const heartbeat = controlFrame({ case: 'heartbeat', value: { number: 1, echo: 0 } });

test('messages of one turn share a frame', async () => {
  const { outbox, take, turn } = socket();
  expect(await Promise.all([outbox.send(message(10)), outbox.send(message(20))])).toEqual([true, true]);
  expect(take()).toBeUndefined();
  turn();
  expect(take()).toHaveLength(2 + 4 + 10 + 4 + 20);
  expect(take()).toBeUndefined();
});

test('a heartbeat overtakes all that is not yet handed over, and that is little', () => {
  const { outbox, take, turn, unflushed } = socket();
  void outbox.send(message(3_000_000));
  turn();
  expect(unflushed()).toBeGreaterThanOrEqual(maxUnflushedBytes);
  expect(unflushed()).toBeLessThan(maxUnflushedBytes + 65_536);
  outbox.urgent(heartbeat);
  const frames = Array.from({ length: 6 }, () => take());
  expect(frames.findIndex((frame) => frame?.equals(heartbeat))).toBe(4);
});

test('a heartbeat goes when the window is used up', () => {
  const { outbox, take, turn } = socket();
  void outbox.send(message(windowBytes + 1));
  turn();
  let bytes = 0;
  for (let frame = take(); frame !== undefined; frame = take()) bytes += frame.length;
  expect(bytes).toBeGreaterThanOrEqual(windowBytes);
  expect(outbox.queuedBytes).toBe(1);
  outbox.urgent(heartbeat);
  expect(take()).toEqual(heartbeat);
  outbox.grant(windowBytes + 1);
  expect(take()).toBeDefined();
  expect(outbox.queuedBytes).toBe(0);
});

test('a sender waits until what is behind its message fits, in the order of messages', async () => {
  const { outbox, take, turn } = socket();
  const resolved: number[] = [];
  const sends = [0, 1, 2, 3].map(async (index) => {
    const hasRoom = await outbox.send(message(roomBytes / 2));
    resolved.push(index);
    return hasRoom;
  });
  turn();
  await Promise.resolve();
  await Promise.resolve();
  expect(resolved).toEqual([0, 1]);
  while (take() !== undefined);
  expect(await Promise.all(sends)).toEqual([true, true, true, true]);
  expect(resolved).toEqual([0, 1, 2, 3]);
});

test('who waits when the connection ends is told, and nothing is written afterwards', async () => {
  const { outbox, turn, take } = socket();
  const sends = [outbox.send(message(roomBytes)), outbox.send(message(roomBytes))];
  outbox.close();
  expect(await Promise.all(sends)).toEqual([true, false]);
  expect(await outbox.send(message(1))).toBe(false);
  turn();
  expect(take()).toBeUndefined();
});

test('senders that never wait are stopped before memory is', async () => {
  const { outbox } = socket();
  const shared = message(maxQueuedBytes / 8);
  for (let index = 0; index < 8; index++) void outbox.send(shared);
  await expect(outbox.send(message(1))).rejects.toMatchObject({ reason: 'queue overrun' });
});

test('a grant is never taken back', () => {
  const { outbox } = socket();
  expect(() => outbox.grant(windowBytes - 1)).toThrow('follows one of');
});

test('whatever is sent arrives, and the receiver never holds more than a window and a message', async () => {
  const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.nat(100_000), fc.integer({ min: 1, max: 12_000_000 })), { maxLength: 20 });
  const choices = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(sizes, choices, async (messages, choice) => {
      const { outbox, take, turn } = socket();
      const window = new ReceiveWindow();
      const assembly = new MessageAssembly();
      const handling: number[] = [];
      let handled = 0;
      const grant = () => {
        const total = window.grant({ filledBytes: assembly.filledBytes, missingBytes: assembly.missingBytes });
        if (total !== undefined) outbox.grant(total);
      };
      const sends = messages.map((byteLength) => outbox.send(message(byteLength)));
      turn();
      const longest = Math.max(0, ...messages);
      for (let moves = 0; handled < messages.length; moves++) {
        expect(moves).toBeLessThan(100_000);
        const [number = 0] = choice.take(1);
        const frame = handling.length === 0 || number % 4 > 0 ? take() : undefined;
        if (frame === undefined) {
          const [done = 0] = handling.splice(number % Math.max(1, handling.length), 1);
          handled++;
          window.handled(done);
        } else {
          const read = readFrame(frame);
          if (!('payload' in read)) throw new Error('only messages were sent');
          const filled = assembly.filledBytes;
          const ended = assembly.take(read.kind, read.payload).map(({ length }) => length);
          handling.push(...ended);
          window.arrived(ended.reduce((sum, bytes) => sum + bytes, assembly.filledBytes - filled));
        }
        expect(window.unhandledBytes).toBeLessThanOrEqual(Math.max(windowBytes, longest));
        grant();
      }
      expect(outbox.queuedBytes).toBe(0);
      expect(await Promise.all(sends)).toEqual(messages.map(() => true));
    }),
    { numRuns: 30 },
  );
});

import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LogCorruptionError, type Log, type LogEntry } from './log.ts';
import { MemoryDisk } from './memory-disk.ts';
import { openLog } from './node-log.ts';
import { encodeSegmentHeader } from './segment-format.ts';
import { seededRandom } from './seeded-random.ts';

const replica = 'ab'.repeat(16);
const firstFile = '000000000001.log';

function entry(sequence: number, text = `operation ${sequence}`): LogEntry {
  return { replica, epoch: 1n, sequence: BigInt(sequence), requestId: `r${sequence}`, operation: Buffer.from(text) };
}

/** Entries 1 to `count`, each in a frame of its own; small segments when asked for. */
async function writtenDisk(count: number, segmentBytes = 1_000_000): Promise<{ disk: MemoryDisk; ends: number[] }> {
  const disk = new MemoryDisk({ random: seededRandom(1) });
  const log = await openLog({ disk: disk.mount(), segmentBytes });
  const ends: number[] = [];
  for (let sequence = 1; sequence <= count; sequence += 1) {
    await log.append([entry(sequence)]);
    ends.push(disk.size(firstFile));
  }
  disk.kill();
  return { disk, ends };
}

async function outcomeOfOpening(disk: MemoryDisk): Promise<string> {
  await using log = await openLog({ disk: disk.mount(), formatted: [replica] });
  const { first, last } = log.extent(replica);
  return log.damaged.has(replica) ? 'damaged' : `${first}-${last}`;
}

/** Of each replica in `replicas` entries 1 to 3, round by round, with the place where each frame begins. */
async function interleaved(
  replicas: readonly string[],
  options: { checkpointBytes?: number } = {},
): Promise<{ disk: MemoryDisk; begins: number[] }> {
  const disk = new MemoryDisk({ random: seededRandom(1) });
  const log = await openLog({ disk: disk.mount(), ...options });
  const begins: number[] = [];
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    for (const each of replicas) {
      begins.push(disk.size(firstFile));
      await log.append([{ ...entry(sequence), replica: each }]);
    }
  }
  disk.kill();
  return { disk, begins };
}

async function damagedAfterOpening(disk: MemoryDisk, formatted: readonly string[]): Promise<readonly string[]> {
  await using log = await openLog({ disk: disk.mount(), formatted });
  return [...log.damaged.keys()].toSorted();
}

describe('damage', () => {
  test('a single flipped bit is in the last frame, which is then cut, or in bytes that others make good, or the replica is damaged', async () => {
    const { disk, ends } = await writtenDisk(3);
    const [second = 0, third = 0] = ends;
    const size = disk.size(firstFile);
    const outcomes: string[] = [];
    for (let offset = 0; offset < size; offset += 1) {
      const { disk: damaged } = await writtenDisk(3);
      damaged.damage(firstFile, offset, offset % 8);
      outcomes.push(await outcomeOfOpening(damaged));
    }
    const headerEnd = 36;
    const frameHeaderEnd = second + 16;
    expect(new Set(outcomes.slice(0, headerEnd))).toEqual(new Set(['damaged']));
    expect(new Set(outcomes.slice(second, frameHeaderEnd))).toEqual(new Set(['1-3']));
    expect(new Set(outcomes.slice(frameHeaderEnd, third))).toEqual(new Set(['damaged']));
    expect(new Set(outcomes.slice(third))).toEqual(new Set(['1-2']));
    expect(outcomes.slice(0, third)).not.toContain('1-2');
  });

  test('costs the replica whose entry is hit, and one that wrote nothing more before the next extents', async () => {
    const replicas = ['0', '1', '2'].map((digit) => digit.repeat(32));
    const { disk, begins } = await interleaved(replicas);
    disk.damage(firstFile, (begins[4] ?? 0) + 60, 0);
    expect(await damagedAfterOpening(disk, replicas)).toEqual([replicas[1]]);
    const late = await interleaved(replicas);
    late.disk.damage(firstFile, (late.begins[7] ?? 0) + 60, 0);
    expect(await damagedAfterOpening(late.disk, replicas)).toEqual([replicas[0], replicas[1]]);
    const checkpointed = await interleaved(replicas, { checkpointBytes: 1 });
    checkpointed.disk.damage(firstFile, (checkpointed.begins[1] ?? 0) + 60, 0);
    expect(await damagedAfterOpening(checkpointed.disk, replicas)).toEqual([replicas[1]]);
  });

  test.for([
    {
      name: 'a truncation and what took its place, an entry after them',
      lost: (log: Log) => [log.truncateFrom(replica, 2n), log.append([entry(2, 'other')])],
      after: (log: Log) => log.append([entry(3)]),
    },
    {
      name: 'a truncation and what took its place, a truncation after them',
      lost: (log: Log) => [log.truncateFrom(replica, 2n), log.append([entry(2, 'other'), entry(3)])],
      after: (log: Log) => log.truncateFrom(replica, 3n),
    },
    {
      name: 'a truncation and what took its place, extents after them',
      lost: (log: Log) => [log.truncateFrom(replica, 2n), log.append([entry(2, 'other')])],
      after: async (log: Log) => log[Symbol.asyncDispose](),
    },
    {
      name: 'a drop and the life after it',
      lost: (log: Log) => [log.drop(replica), log.append([entry(1, 'other'), entry(2, 'other')])],
      after: (log: Log) => log.append([entry(3)]),
    },
  ])('is not covered by sequences without a gap: $name', async ({ lost, after }) => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    await log.append([entry(1), entry(2)]);
    const at = disk.size(firstFile);
    await Promise.all(lost(log));
    await after(log);
    disk.kill();
    disk.damage(firstFile, at + 30, 0);
    expect(await damagedAfterOpening(disk, [])).toEqual([replica]);
  });

  test('by sectors that cannot be read is no torn tail', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    await log.append([entry(1, 'x'.repeat(10_000))]);
    const at = disk.size(firstFile);
    await log.append([entry(2)]);
    disk.kill();
    disk.makeUnreadable(firstFile, at, at + 1);
    expect(await damagedAfterOpening(disk, [replica])).toEqual([replica]);
  });

  test('by sectors that cannot be read is no torn tail either when the start that met it did not come to its end', async () => {
    for (let operations = 0; operations < 20; operations += 1) {
      let left = Infinity;
      const disk = new MemoryDisk({
        random: seededRandom(1),
        onOperation: () => {
          left -= 1;
          if (left < 0) throw new Error('the power is gone');
        },
      });
      const log = await openLog({ disk: disk.mount() });
      await log.append([entry(1, 'x'.repeat(10_000))]);
      const at = disk.size(firstFile);
      await log.append([entry(2)]);
      disk.kill();
      disk.makeUnreadable(firstFile, at, at + 1);
      left = operations;
      await openLog({ disk: disk.mount(), formatted: [replica] }).catch(() => undefined);
      left = Infinity;
      disk.crash({ keep: 'all' });
      expect(await damagedAfterOpening(disk, [replica]), `interrupted after ${operations} operations`).toEqual([replica]);
    }
  });

  test('to a drop does not bring the replica back', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    await log.append([entry(1)]);
    const at = disk.size(firstFile);
    await log.drop(replica);
    await log[Symbol.asyncDispose]();
    disk.damage(firstFile, at + 30, 0);
    await using reopened = await openLog({ disk: disk.mount(), formatted: [replica] });
    expect(reopened.replicas).toEqual([]);
  });

  test('of all that is known of a replica costs that replica, when it is formatted, and stays so', async () => {
    const replicas = ['0', '1'].map((digit) => digit.repeat(32));
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    const at = disk.size(firstFile);
    for (const each of replicas) await log.append([{ ...entry(1), replica: each }]);
    disk.kill();
    for (let offset = at; offset < at + 40; offset += 1) disk.damage(firstFile, offset, 1);
    expect(await damagedAfterOpening(disk, replicas)).toEqual([replicas[0]]);
    expect(await damagedAfterOpening(disk, [])).toEqual([replicas[0]]);
  });

  test('in a segment before the last is told by its file and place, the last frame too', async () => {
    const { disk } = await writtenDisk(6, 400);
    disk.damage(firstFile, disk.size(firstFile) - 1, 3);
    await using log = await openLog({ disk: disk.mount() });
    expect(log.damaged.get(replica)).toMatchObject({
      file: firstFile,
      replicas: [replica],
      message: expect.stringMatching(/damaged at byte \d+/),
    });
  });

  test.for([firstFile, '000000000002.log'])('a missing segment %s costs the replica that had entries there', async (name) => {
    const { disk } = await writtenDisk(9, 400);
    await disk.mount().remove(name);
    await using log = await openLog({ disk: disk.mount() });
    expect(log.damaged.get(replica)).toBeInstanceOf(LogCorruptionError);
  });

  test('a dropped replica begins anew, and damage in what was released costs nothing', async () => {
    const { disk } = await writtenDisk(3);
    disk.damage(firstFile, disk.size(firstFile) - 200, 0);
    {
      await using log = await openLog({ disk: disk.mount() });
      await expect(log.append([entry(4)])).rejects.toBeInstanceOf(LogCorruptionError);
      await log.drop(replica);
      await log.append([entry(8), entry(9)]);
      log.releaseUpTo(replica, 8n);
      expect(log.damaged.size).toBe(0);
    }
    expect(await outcomeOfOpening(disk)).toBe('9-9');
  });

  test('in entries that were released costs nothing', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    await log.append([entry(1)]);
    const at = disk.size(firstFile);
    for (const sequence of [2, 3]) await log.append([entry(sequence)]);
    log.releaseUpTo(replica, 2n);
    await log[Symbol.asyncDispose]();
    disk.damage(firstFile, at + 60, 0);
    expect(await outcomeOfOpening(disk)).toBe('3-3');
  });

  test('frees the files that the damaged replica held back, is not forgotten with them, and others go on', async () => {
    const other = '0'.repeat(32);
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const told: (readonly string[])[] = [];
    const options = { segmentBytes: 1000, copyForwardBytes: 3000, onDamage: ({ replicas }: LogCorruptionError) => told.push(replicas) };
    const log = await openLog({ disk: disk.mount(), ...options });
    await log.append([{ ...entry(1), replica: other }, entry(1)]);
    disk.damage(firstFile, disk.size(firstFile) - 2, 0);
    for (let sequence = 2; sequence <= 30; sequence += 1) {
      await log.append([{ ...entry(sequence, 'x'.repeat(400)), replica: other }]);
      if (sequence > 2) log.releaseUpTo(other, BigInt(sequence - 1));
    }
    expect(told).toEqual([[replica]]);
    expect(disk.paths).not.toContain(firstFile);
    await log.append([{ ...entry(31), replica: other }]);
    disk.kill();
    expect(await damagedAfterOpening(disk, [])).toEqual([replica]);
  });

  test('a format that is not known is refused by name', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const header = encodeSegmentHeader(1, Buffer.alloc(8));
    header.writeUInt32LE(99, 8);
    header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
    const file = await disk.mount().open(firstFile);
    await file.append([header]);
    await expect(openLog({ disk: disk.mount() })).rejects.toThrow(/format version 99/);
  });

  test('met while reading is reported with its file and place, and what comes before it is served', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    await using log = await openLog({ disk: disk.mount() });
    await log.append([entry(1)]);
    const place = disk.size(firstFile);
    await log.append([entry(2)]);
    disk.damage(firstFile, place + 30, 0);
    const read = log.read(replica, 1n)[Symbol.asyncIterator]();
    expect((await read.next()).value).toMatchObject({ sequence: 1n });
    await expect(read.next()).rejects.toMatchObject({ file: firstFile, offset: place + 16, replicas: [replica] });
    expect(log.extent(replica)).toEqual({ first: 1n, last: 0n });
    await expect(log.append([entry(3)])).rejects.toBeInstanceOf(LogCorruptionError);
    await log.append([{ ...entry(1), replica: '0'.repeat(32) }]);
    disk.kill();
    expect(await damagedAfterOpening(disk, [])).toEqual([replica]);
  });

  test('an operation that holds the bytes of later frames does not turn a torn tail into damage', async () => {
    const { disk: source } = await writtenDisk(4);
    const frames = await (await source.mount().open(firstFile)).read(0, source.size(firstFile));
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const written = await openLog({ disk: disk.mount() });
    await written.append([entry(1)]);
    await written.append([{ ...entry(2), operation: frames }]);
    disk.kill();
    disk.damage(firstFile, disk.size(firstFile) - 1, 0);
    await using log = await openLog({ disk: disk.mount() });
    expect(log.extent(replica).last).toBe(1n);
  });
});

import { describe, expect, test } from 'vitest';
import type { Log, LogEntry } from './log.ts';
import { MemoryDisk } from './memory-disk.ts';
import { LogFailedError } from './log-writer.ts';
import { openLog } from './node-log.ts';
import { seededRandom } from './seeded-random.ts';

const replica = 'ab'.repeat(16);

function entry(sequence: number, text = `operation ${sequence}`): LogEntry {
  return { replica, epoch: 1n, sequence: BigInt(sequence), requestId: `r${sequence}`, operation: Buffer.from(text) };
}

async function sequences(log: Log, from = 1n): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of log.read(replica, from)) found.push(Number(sequence));
  return found;
}

describe('failure', () => {
  test.for(['append', 'sync'] as const)('a failed %s rejects all that wait and all that come, once and for good', async (kind) => {
    let failing = false;
    const fatal: Error[] = [];
    const disk = new MemoryDisk({
      random: seededRandom(1),
      onOperation: (operation) => {
        if (failing && operation.kind === kind) throw new Error('the disk is gone');
      },
    });
    await using log = await openLog({ disk: disk.mount(), onFatal: (error) => fatal.push(error) });
    await log.append([entry(1)]);
    failing = true;
    const results = await Promise.allSettled([log.append([entry(2)]), log.append([entry(3)]), log.drop(replica)]);
    failing = false;
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(log.append([entry(4)])).rejects.toBeInstanceOf(LogFailedError);
    expect(fatal.map(({ message }) => message)).toEqual(['the log has failed and must not be used: the disk is gone']);
    expect(await sequences(log)).toEqual([1]);
  });

  test('what a failed sync left to see is made durable before it counts', async () => {
    let failing = false;
    const disk = new MemoryDisk({
      random: seededRandom(1),
      onOperation: ({ kind }) => {
        if (failing && kind === 'sync') throw new Error('the disk is gone');
      },
    });
    await using failed = await openLog({ disk: disk.mount() });
    failing = true;
    await expect(failed.append([entry(1)])).rejects.toBeInstanceOf(LogFailedError);
    failing = false;
    disk.kill();
    await using restarted = await openLog({ disk: disk.mount() });
    const shown = await sequences(restarted);
    await restarted.append([entry(shown.length + 1)]);
    disk.crash({ keep: 'none' });
    await using log = await openLog({ disk: disk.mount() });
    expect(await sequences(log)).toEqual([...shown, shown.length + 1]);
  });
});

describe('calls', () => {
  test('a gap in the sequences is refused and changes nothing', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    await using log = await openLog({ disk: disk.mount() });
    await log.append([entry(1)]);
    await expect(log.append([entry(2), entry(4)])).rejects.toThrow(/cannot follow 2/);
    await log.append([entry(2)]);
    expect(await sequences(log)).toEqual([1, 2]);
  });

  test('a read shows the entries as of its first step, also when they are truncated meanwhile', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    await using log = await openLog({ disk: disk.mount() });
    await log.append([entry(1), entry(2), entry(3)]);
    const texts: string[] = [];
    for await (const { operation } of log.read(replica, 2n)) {
      if (texts.length === 0) await log.truncateFrom(replica, 2n).then(() => log.append([entry(2, 'other')]));
      texts.push(Buffer.from(operation).toString());
    }
    expect(texts).toEqual(['operation 2', 'operation 3']);
    expect(await sequences(log)).toEqual([1, 2]);
  });

  test('released entries cannot be read, and an emptied replica goes on from its last sequence after a restart', async () => {
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const options = { disk: disk.mount(), segmentBytes: 200 };
    {
      await using log = await openLog(options);
      for (let sequence = 1; sequence <= 5; sequence += 1) await log.append([entry(sequence)]);
      log.releaseUpTo(replica, 5n);
      await log.append([]);
      await expect(sequences(log)).rejects.toThrow(/has released entry 1/);
      expect(log.extent(replica)).toEqual({ first: 6n, last: 5n });
    }
    await using log = await openLog(options);
    expect(log.extent(replica).last).toBe(5n);
    await log.append([entry(6)]);
  });

  test('writes of callers that do not wait for each other share syncs', async () => {
    const syncs: string[] = [];
    const disk = new MemoryDisk({ random: seededRandom(1), onOperation: ({ kind, path }) => kind === 'sync' && syncs.push(path) });
    await using log = await openLog({ disk: disk.mount() });
    const before = syncs.length;
    await Promise.all(Array.from({ length: 100 }, (_, index) => log.append([entry(index + 1)])));
    expect(syncs.length - before).toBeLessThanOrEqual(2);
  });
});

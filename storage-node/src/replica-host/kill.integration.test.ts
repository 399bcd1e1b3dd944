/**
 * kill -9 at random moments under concurrent upserts and deletes: every acknowledged write is there, every acknowledged delete is gone,
 * no batch took effect in part.
 *
 * KILL_CYCLES=50 KILL_SEED=7 vitest run --project integration storage-node/src/replica-host/kill
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import { idsOf, shards, slotsPerShard, type Outcome, type WriterMessage } from '../../test/replica-writer-process.ts';

const cycles = Number(process.env['KILL_CYCLES'] ?? 6);
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const writer = fileURLToPath(new URL('../../test/replica-writer-process.ts', import.meta.url));
const stoppedShare = 0.2;
const killAfterMsMax = 300;

class Slots {
  /** What may be found: what was acknowledged last, and what was sent after it. */
  readonly #possible = new Map<string, readonly Outcome[]>();
  readonly violations: string[] = [];
  acknowledged = 0;

  sent(shard: string, slot: number, outcome: Outcome): void {
    this.#possible.set(`${shard} ${slot}`, [...this.#possibleOf(shard, slot), outcome]);
  }

  acknowledge(shard: string, slot: number, outcome: Outcome): void {
    this.#possible.set(`${shard} ${slot}`, [outcome]);
    this.acknowledged += 1;
  }

  /** What is found once must be found again: from now on it is as good as acknowledged. */
  found(shard: string, generations: ReadonlyMap<number, number>): void {
    for (let slot = 0; slot < slotsPerShard; slot++) {
      const found = new Set(idsOf(slot).map((id): Outcome => generations.get(id) ?? 'absent'));
      const possible = this.#possibleOf(shard, slot);
      const [outcome] = found;
      if (found.size > 1 || outcome === undefined || !possible.includes(outcome)) {
        this.violations.push(`${shard} slot ${slot}: found ${[...found].join(', ')}; possible ${possible.join(', ')}`);
      } else this.#possible.set(`${shard} ${slot}`, [outcome]);
    }
  }

  #possibleOf(shard: string, slot: number): readonly Outcome[] {
    return this.#possible.get(`${shard} ${slot}`) ?? ['absent'];
  }
}

/** Resolves when the process has ended and everything it told has been heard. */
async function live(folder: string, slots: Slots, random: () => number): Promise<void> {
  const child = fork(writer, [folder, String(Math.floor(random() * 2 ** 32))], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const stops = random() < stoppedShare;
  const lifeMs = random() * killAfterMsMax;
  let opened = 0;
  child.on('message', (message: WriterMessage) => {
    switch (message.kind) {
      case 'found':
        slots.found(message.shard, new Map(message.generations));
        opened += 1;
        if (opened === shards.length) setTimeout(() => (stops ? child.send('stop') : child.kill('SIGKILL')), lifeMs);
        break;
      case 'sending':
        slots.sent(message.shard, message.slot, message.outcome);
        break;
      case 'acknowledged':
        slots.acknowledge(message.shard, message.slot, message.outcome);
        break;
    }
  });
  const disconnected = once(child, 'disconnect');
  const [code, signal] = await once(child, 'exit');
  await disconnected;
  expect([code, signal]).toEqual(stops ? [0, null] : [null, 'SIGKILL']);
}

test(`nothing acknowledged is lost in ${cycles} kills (KILL_SEED=${seed})`, { timeout: 30_000 + cycles * 5_000 }, async () => {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'replica-kill-'));
  const slots = new Slots();
  try {
    for (let cycle = 0; cycle <= cycles; cycle++) await live(folder, slots, random);
  } finally {
    await rm(folder, { recursive: true });
  }
  expect(slots.violations).toEqual([]);
  expect(slots.acknowledged).toBeGreaterThan(cycles);
  process.stdout.write(`${cycles} kills: ${slots.acknowledged} writes acknowledged, 0 violations\n`);
});

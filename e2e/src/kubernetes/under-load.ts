/** What a scenario does beside clients that write and read. */
import { setTimeout as delay } from 'node:timers/promises';
import { expectNoFailure } from './load/expect-no-failure.ts';
import type { LoadRecord } from './load/load-record.ts';
import type { Load } from './load/start-load.ts';
import { loadWords } from './report/load-words.ts';
import type { World } from './scenario.ts';
import type { LoadOptions, Shop } from './shop.ts';

/** Before anything happens, to compare with. */
const steadyMs = 15_000;

/** What clients saw is told whatever comes of it. Throws what did not hold, or else the first request that failed. */
export async function underLoad(
  { stages, say }: World,
  shop: Shop,
  options: LoadOptions,
  play: (load: Load) => Promise<void>,
): Promise<LoadRecord> {
  const through = options.nodes === undefined ? 'through the Service' : `through ${options.nodes.join(', ')}`;
  await using load = await stages.run(`clients write and read ${through}`, async () => {
    const started = await shop.load(options);
    await started.phase('steady');
    await delay(steadyMs);
    return started;
  });
  const [played] = await Promise.allSettled([play(load)]);
  const record = await load.stop();
  loadWords(record).forEach(say);
  if (played.status === 'rejected') throw played.reason;
  expectNoFailure(record);
  return record;
}

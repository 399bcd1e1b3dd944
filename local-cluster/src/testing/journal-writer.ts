/** Writes until it is killed, and prints each revision once it is durable. */
import { openStore } from '../api-server/persistence/persistent-store.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('name a directory');
const { store, settled } = await openStore({
  directory,
  snapshotAfterBytes: 4_000,
  onFailure: (error) => {
    throw error;
  },
});
for (;;) {
  const value = store.revision + 1;
  store.write('things', { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'counter' }, value });
  await settled();
  process.stdout.write(`${value}\n`);
}

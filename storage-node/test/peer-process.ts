/** A node of its own process that serves one shard from memory to its peers: HOST and PORT say where; its port is its first line. */
import { startPeerServer } from '../src/peer/peer-server.ts';
import { MemoryShard } from './memory-shard.ts';

const shard = await MemoryShard.create({ vectors: [{ name: '', size: 2, distance: 'Dot' }] });
const { HOST = '127.0.0.1', PORT = '0' } = process.env;
const server = await startPeerServer({
  host: HOST,
  port: Number(PORT),
  identity: { namespace: 'default', cluster: 'shop' },
  shard: () => shard,
  observe: async () => {},
  drainTimeoutMs: 5_000,
  onBug: (error) => process.stderr.write(`${String(error)}\n`),
});
process.stdout.write(`${server.port}\n`);

/** What waits for a slow receiver is in memory that the source uses again. */
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { ReadSnapshotRequestSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { identityMetadata } from '../peer/cluster-identity.ts';
import { createSnapshotMetrics } from './metrics.ts';
import type { Answer } from './response-codec.ts';
import { openSnapshot } from './snapshot-reader.ts';
import { serveSnapshot } from './snapshot-service.ts';
import { SnapshotSessions } from './snapshot-sessions.ts';
import { applyAll, loadState, logOf, receiverId, sourceId } from './state-fixture.ts';

const identity = { namespace: 'default', cluster: 'shop' };
const request = create(ReadSnapshotRequestSchema, { shard: 'shard', replicaId: sourceId, receiver: receiverId, nextPart: 1 });

/** A call as grpc-js gives it: an answer becomes bytes when the one before it is gone. */
class SlowCall extends Writable {
  readonly request = request;
  readonly metadata = identityMetadata(identity);
  readonly #digests: boolean[] = [];
  #part = createHash('sha256');

  constructor() {
    super({ objectMode: true });
  }

  /** Of each part, whether it was what its checksum says. */
  get digests(): readonly boolean[] {
    return this.#digests;
  }

  override _write({ content }: Answer, _encoding: string, gone: () => void): void {
    if (content?.case === 'data' && content.value) this.#part.update(content.value);
    if (content?.case === 'partEnded') {
      const { sha256 } = content.value;
      this.#digests.push(sha256 !== undefined && this.#part.digest().equals(sha256));
      this.#part = createHash('sha256');
    }
    void turns(20).then(gone);
  }
}

function fail(error: unknown): void {
  expect.unreachable(String(error));
}

/** Everything else goes as far as it can meanwhile. */
async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

test('every part is on its way before its memory holds another', async () => {
  const documents = new MemoryDocuments();
  const points = Array.from({ length: 60 }, (_, id) => ({ id: BigInt(id), x: id, titled: true }));
  await applyAll(await loadState(documents, sourceId), logOf([{ draft: { kind: 'upsert', points }, newEpoch: false }]), 1);
  await using sessions = new SnapshotSessions({
    source: { open: async () => await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 300 }) },
    sessionsMax: 1,
    keepMs: 1_000,
    newSessionId: () => 'session',
    after: () => ({ [Symbol.dispose]: () => {} }),
  });
  const pacer = { pass: async () => await turn() };
  const options = { identity, sessions, metrics: createSnapshotMetrics(new Registry()), pacer, stallMs: 60_000, onBug: fail };
  const call = new SlowCall();
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  call.once('finish', resolve);
  await serveSnapshot(options, call);
  await finished;
  expect(call.digests.length).toBeGreaterThan(10);
  expect(call.digests).not.toContain(false);
});

/** The other node of the snapshot bench, in a process of its own: takes a snapshot or a plain copy, as its parent says. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { Registry } from 'prom-client';
import { fetchSnapshot } from '../src/snapshot/fetch-snapshot.ts';
import { installSnapshot, installTarget } from '../src/snapshot/install-snapshot.ts';
import { createSnapshotMetrics } from '../src/snapshot/metrics.ts';
import { stateIn, untilAllIndexed } from './bench-state.ts';
import { identity, receiverId, sourceId } from './snapshot-source.ts';

export type Order =
  | { readonly kind: 'fetch'; readonly port: number; readonly folder: string }
  | { readonly kind: 'install'; readonly folder: string; readonly home: string; readonly size: number }
  | { readonly kind: 'copy'; readonly port: number; readonly file: string };

export interface Done {
  readonly seconds: number;
  readonly bytes: number;
  /** Of the receiver, milliseconds. */
  readonly cpuMs: number;
  readonly indexedSeconds?: number;
}

process.on('message', (order: Order) => void answer(order));

async function answer(order: Order): Promise<void> {
  process.send?.(await carryOut(order));
}

async function carryOut(order: Order): Promise<Done> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const done = (bytes: number): Done => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - began) / 1000, bytes, cpuMs: (user + system) / 1000 };
  };
  switch (order.kind) {
    case 'fetch':
      await rm(order.folder, { recursive: true, force: true });
      return done((await fetch(order.port, order.folder)).bytes);
    case 'copy': {
      const socket = connect(order.port, '127.0.0.1');
      await pipeline(socket, createWriteStream(order.file, { highWaterMark: 1024 * 1024 }));
      await using file = await open(order.file, 'r+');
      await file.datasync();
      return done(socket.bytesRead);
    }
    case 'install':
      return await install(order);
  }
}

async function install({ folder, home, size }: Extract<Order, { kind: 'install' }>): Promise<Done> {
  const fetched = await fetch(0, folder); // complete: no source is asked
  await mkdir(join(home, 'log'), { recursive: true });
  await using documents = await openRocksDocuments(join(home, 'documents'));
  await using log = await openLog({ disk: await openFileDisk(join(home, 'log')) });
  const target = await installTarget({ documents, log, replicaId: receiverId, folder: home });
  const cpu = process.cpuUsage();
  const began = performance.now();
  await installSnapshot(fetched, target);
  const installed = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const state = await stateIn(documents, receiverId, join(home, 'segments'), size);
  await untilAllIndexed(state);
  const indexedSeconds = (performance.now() - installed) / 1000;
  await state.close({ save: false });
  return { seconds: (installed - began) / 1000, bytes: fetched.bytes, cpuMs: (user + system) / 1000, indexedSeconds };
}

async function fetch(port: number, folder: string) {
  const metrics = createSnapshotMetrics(new Registry());
  const named = { identity, shard: 'bench', from: sourceId, receiver: receiverId, address: '127.0.0.1', atLeast: 1n };
  return await fetchSnapshot({ ...named, port, folder, signal: new AbortController().signal, metrics });
}

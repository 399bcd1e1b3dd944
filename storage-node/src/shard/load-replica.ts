/** A replica as its documents hold it: rows and requests read back, vectors from saved segments and, where those lack them, from documents. */
import { z } from 'zod';
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { Position } from '../replication/log-shape.ts';
import { RecentRequests } from '../replication/recent-requests.ts';
import { decodeApplied } from './applied-record.ts';
import { DocumentKeys } from './document-keys.ts';
import { LiveRows } from './live-rows.ts';
import { vectorFromBytes } from './operation-codec.ts';
import type { ReplicaStateOptions } from './replica-state.ts';
import { SegmentedVectors, type RowVector } from './segmented-vectors.ts';

export interface LoadedReplica {
  readonly applied: Position;
  readonly nextRow: number;
  readonly live: LiveRows;
  readonly requests: RecentRequests;
  readonly vectorNumbers: ReadonlyMap<string, number>;
  readonly vectors: ReadonlyMap<string, SegmentedVectors>;
  /** Rows whose documents are still to be deleted. */
  readonly dead: readonly number[];
}

const blockRows = 1024;

export async function loadReplica(options: ReplicaStateOptions): Promise<LoadedReplica> {
  const keys = new DocumentKeys(options.replicaId);
  await using reader = options.documents.snapshot();
  const [applied, names, dead] = await reader.get('meta', [keys.applied, keys.vectorNames, keys.dead]);
  const { position, nextRow } = decodeApplied(applied);
  const live = new LiveRows();
  for await (const { value } of reader.iterate('ids', keys.all)) live.add(value.readUInt32LE(0));
  const vectorNumbers = numberVectors(options.config, names);
  return {
    applied: position,
    nextRow,
    live,
    requests: await loadRequests(reader, keys),
    vectorNumbers,
    vectors: await loadVectors(reader, keys, options, live, vectorNumbers),
    dead: rowsFrom(dead),
  };
}

/** A vector keeps its number, whatever names come later. */
function numberVectors(config: CollectionConfig, stored: Buffer | undefined): ReadonlyMap<string, number> {
  const known = stored ? z.array(z.string()).parse(JSON.parse(stored.toString())) : [];
  const added = [...config.vectors.keys()].filter((name) => !known.includes(name)).toSorted();
  return new Map([...known, ...added].map((name, number) => [name, number]));
}

async function loadRequests(reader: DocumentReader, keys: DocumentKeys): Promise<RecentRequests> {
  const requests = new RecentRequests();
  for await (const { key, value } of reader.iterate('meta', keys.requests)) {
    requests.remember(value.toString('utf8', 8), { sequence: keys.sequenceFromRequest(key), epoch: value.readBigUInt64LE(0) });
  }
  return requests;
}

async function loadVectors(
  reader: DocumentReader,
  keys: DocumentKeys,
  options: ReplicaStateOptions,
  live: LiveRows,
  vectorNumbers: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, SegmentedVectors>> {
  const loaded = new Map<string, SegmentedVectors>();
  try {
    for (const [name, config] of options.config.vectors) {
      const number = vectorNumbers.get(name) ?? 0;
      const files = options.segmentFiles(number);
      const vectors = new SegmentedVectors({ config, files, createSegment: options.createSegment, onIndexFailure: options.onIndexFailure });
      loaded.set(name, vectors);
      await vectors.restore(live);
      let missing: number[] = [];
      const fetch = async (): Promise<void> => {
        vectors.put(await storedVectors(reader, keys, number, missing));
        missing = [];
      };
      for (const row of live.rows()) {
        if (vectors.has(row)) continue;
        missing.push(row);
        if (missing.length === blockRows) await fetch();
      }
      if (missing.length > 0) await fetch();
    }
    return loaded;
  } catch (error) {
    for (const vectors of loaded.values()) await vectors.close({ save: false });
    throw error;
  }
}

async function storedVectors(reader: DocumentReader, keys: DocumentKeys, number: number, rows: readonly number[]): Promise<RowVector[]> {
  const found = await reader.get(
    'vectors',
    rows.map((row) => keys.vector(number, row)),
  );
  return found.flatMap((bytes, index) => {
    const row = rows[index];
    return bytes && row !== undefined ? [{ row, vector: vectorFromBytes(bytes) }] : [];
  });
}

function rowsFrom(bytes: Buffer | undefined): readonly number[] {
  return bytes ? Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4)) : [];
}

/**
 * What clients read back of a collection's configuration, under the public API's names.
 *
 * Strict clients refuse fields they do not know: vectors hold only what was set. Everywhere else the documented defaults are filled in.
 */
import type { HnswParams, VectorCollectionSpec, VectorParams } from '@vectorcluster/crds/vector-collection.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface CollectionEcho {
  readonly params: {
    /** By name, or the only vector's own fields when it has no name. */
    readonly vectors: Fields;
    readonly shard_number: number;
    readonly replication_factor: number;
    readonly write_consistency_factor: number;
    readonly on_disk_payload: boolean;
  };
  readonly hnsw_config: Fields;
  readonly optimizer_config: Fields;
  readonly wal_config: Fields;
  readonly metadata?: Fields | undefined;
}

const hnswDefaults = { m: 16, ef_construct: 100, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false };
const optimizerDefaults = {
  deleted_threshold: 0.2,
  vacuum_min_vector_number: 1000,
  default_segment_number: 0,
  indexing_threshold: 10_000,
  flush_interval_sec: 5,
};
const walDefaults = { wal_capacity_mb: 32, wal_segments_ahead: 0 };

export function collectionEcho(spec: VectorCollectionSpec, shardNumber: number): CollectionEcho {
  const hints = fields(spec.hints);
  const metadata = hints['metadata'];
  return {
    params: {
      vectors: vectorsEcho(spec),
      shard_number: shardNumber,
      replication_factor: spec.replicationFactor ?? 1,
      write_consistency_factor: typeof hints['write_consistency_factor'] === 'number' ? hints['write_consistency_factor'] : 1,
      on_disk_payload: hints['on_disk_payload'] !== false,
    },
    hnsw_config: { ...hnswDefaults, ...hnswEcho(spec.hnsw), ...fields(hints['hnsw_config']) },
    optimizer_config: { ...optimizerDefaults, ...fields(hints['optimizers_config']) },
    wal_config: { ...walDefaults, ...fields(hints['wal_config']) },
    ...(metadata !== undefined && { metadata: fields(metadata) }),
  };
}

function vectorsEcho(spec: VectorCollectionSpec): Fields {
  const hints = fields(fields(spec.hints)['vectors']);
  const echoes = spec.vectors.map((params) => [params.name, vectorEcho(params, fields(hints[params.name]))] as const);
  const [only, ...others] = echoes;
  return only !== undefined && only[0] === '' && others.length === 0 ? only[1] : Object.fromEntries(echoes);
}

function vectorEcho({ size, distance, hnsw, onDisk }: VectorParams, hints: Fields): Fields {
  const hnswConfig = { ...hnswEcho(hnsw), ...fields(hints['hnsw_config']) };
  return {
    size,
    distance,
    ...(Object.keys(hnswConfig).length > 0 && { hnsw_config: hnswConfig }),
    ...(onDisk !== undefined && { on_disk: onDisk }),
    ...(hints['datatype'] !== undefined && { datatype: hints['datatype'] }),
  };
}

function hnswEcho(hnsw: HnswParams | undefined): Fields {
  return {
    ...(hnsw?.m !== undefined && { m: hnsw.m }),
    ...(hnsw?.efConstruct !== undefined && { ef_construct: hnsw.efConstruct }),
    ...(hnsw?.fullScanThresholdKb !== undefined && { full_scan_threshold: hnsw.fullScanThresholdKb }),
  };
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

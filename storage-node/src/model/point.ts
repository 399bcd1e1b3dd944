/** Points as they enter and leave the coordinator. */
import type { JsonObject } from './json-value.ts';
import type { PointId } from './point-id.ts';

/** Dense vectors by name; `''` is the collection's unnamed vector. A point may lack any of them. */
export type NamedVectors = ReadonlyMap<string, Float32Array>;

export interface Point {
  readonly id: PointId;
  readonly vectors: NamedVectors;
  readonly payload: JsonObject;
}

/** What a read returns of a point; `payload` and `vectors` only when asked for. */
export interface PointRecord {
  readonly id: PointId;
  readonly payload?: JsonObject | undefined;
  /** The same payload as UTF-8 JSON without loss, where it came as that: who only passes it on need not look at `payload`. */
  readonly payloadJson?: Uint8Array | undefined;
  readonly vectors?: NamedVectors | undefined;
}

export interface ScoredPoint extends PointRecord {
  /** As the API shows it: dot product for Cosine and Dot, distance for Euclid and Manhattan. */
  readonly score: number;
  /** Sequence of the write that made this version of the point. */
  readonly version: number;
}

/** Which parts of the payload to return. Paths may be nested (`a.b[].c`). */
export type PayloadSelector = boolean | { readonly include: readonly string[] } | { readonly exclude: readonly string[] };
/** Which vectors to return: all, none or those named. */
export type VectorSelector = boolean | readonly string[];

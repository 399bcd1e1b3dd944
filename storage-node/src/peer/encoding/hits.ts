/** What a shard found, in columns. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Hits, HitsSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { JsonObject } from '../../model/json-value.ts';
import type { ScoredPoint } from '../../model/point.ts';
import { pointIdFromKey, pointIdKey, pointIdKeyLength, type PointId } from '../../model/point-id.ts';
import { decodeVectors, encodeVectors } from './points.ts';
import { decodePayload, encodePayload } from './payload-json.ts';

/** All hits have a payload or none has, and so with vectors. */
export function encodeHits(hits: readonly ScoredPoint[]): MessageInitShape<typeof HitsSchema> {
  return {
    ids: Buffer.concat(hits.map(({ id }) => pointIdKey(id))),
    scores: hits.map(({ score }) => score),
    versions: hits.map(({ version }) => BigInt(version)),
    payloadJson: hits.flatMap(({ payloadJson, payload }) => payloadJson ?? (payload === undefined ? [] : [encodePayload(payload)])),
    vectors: hits.flatMap(({ vectors }) => (vectors === undefined ? [] : [{ vectors: encodeVectors(vectors) }])),
  };
}

/** Throws TypeError when the columns do not fit each other. */
export function decodeHits({ ids, scores, versions, payloadJson, vectors }: Hits): readonly ScoredPoint[] {
  const keys = decodeIds(ids);
  const fits = (column: readonly unknown[]) => column.length === keys.length || column.length === 0;
  if (scores.length !== keys.length || versions.length !== keys.length || !fits(payloadJson) || !fits(vectors)) {
    throw new TypeError('hits whose columns differ in length');
  }
  return keys.map((id, index) => {
    const named = vectors[index];
    const hit = {
      id,
      score: scores[index] ?? Number.NaN,
      version: Number(versions[index]),
      vectors: named && decodeVectors(named.vectors),
    };
    const json = payloadJson[index];
    return json === undefined ? hit : withPayload(hit, json);
  });
}

/** Most payloads go on to the client as the text they came as, and of several shards' hits most are dropped. */
function withPayload(hit: ScoredPoint, json: Uint8Array): ScoredPoint {
  let payload: JsonObject | undefined;
  return {
    ...hit,
    payloadJson: json,
    get payload() {
      payload ??= decodePayload(json);
      return payload;
    },
  };
}

function decodeIds(bytes: Uint8Array): readonly PointId[] {
  const keys = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids: PointId[] = [];
  for (let at = 0; at < keys.length;) {
    const next = at + pointIdKeyLength(keys[at]);
    ids.push(pointIdFromKey(keys.subarray(at, next)));
    at = next;
  }
  return ids;
}

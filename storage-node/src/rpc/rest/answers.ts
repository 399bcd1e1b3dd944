/** Results as JSON text. Written by hand where vectors and exact payloads are in it. */
import type { ScrollPage, WriteOutcome } from '../../coordinator/database.ts';
import { float32ListText, shortestFloat32 } from '../../json/float32-text.ts';
import { stringifyObject } from '../../json/lossless-json.ts';
import type { NamedVectors, PointRecord, ScoredPoint } from '../../model/point.ts';
import type { PointId } from '../../model/point-id.ts';

export function pointIdText(id: PointId): string {
  return typeof id === 'bigint' ? id.toString() : `"${id}"`;
}

export function recordText(record: PointRecord): string {
  return `{"id":${pointIdText(record.id)}${contentText(record)}}`;
}

export function recordsText(records: readonly PointRecord[]): string {
  return `[${records.map(recordText).join(',')}]`;
}

export function scoredPointsText(points: readonly ScoredPoint[]): string {
  return `[${points.map(scoredPointText).join(',')}]`;
}

export function scrollPageText({ points, nextPageOffset }: ScrollPage): string {
  const next = nextPageOffset === undefined ? 'null' : pointIdText(nextPageOffset);
  return `{"points":${recordsText(points)},"next_page_offset":${next}}`;
}

export function writeOutcomeText({ status, operationId }: WriteOutcome): string {
  return JSON.stringify({ operation_id: operationId ?? null, status });
}

function scoredPointText(point: ScoredPoint): string {
  return `{"id":${pointIdText(point.id)},"version":${point.version},"score":${scoreText(point.score)}${contentText(point)}}`;
}

const maxFloat32 = 3.4028234663852886e38;

/** A dot product may leave the range of 32-bit floats, for which JSON has no word. */
function scoreText(score: number): string {
  return String(shortestFloat32(Math.min(maxFloat32, Math.max(-maxFloat32, Math.fround(score)))));
}

function contentText(record: PointRecord): string {
  const payload = payloadText(record);
  const payloadMember = payload === undefined ? '' : `,"payload":${payload}`;
  return record.vectors === undefined ? payloadMember : `${payloadMember},"vector":${vectorsText(record.vectors)}`;
}

/** Does not look at `payload` where its text is there: that would parse the text. */
function payloadText(record: PointRecord): string | undefined {
  const { payloadJson } = record;
  if (payloadJson !== undefined) return Buffer.from(payloadJson.buffer, payloadJson.byteOffset, payloadJson.byteLength).toString();
  return record.payload && stringifyObject(record.payload);
}

/** The unnamed vector alone is a list; anything else is a map by name. */
function vectorsText(vectors: NamedVectors): string {
  const unnamed = vectors.get('');
  if (unnamed !== undefined && vectors.size === 1) return float32ListText(unnamed);
  return `{${Array.from(vectors, ([name, vector]) => `${JSON.stringify(name)}:${float32ListText(vector)}`).join(',')}}`;
}

/** Read levels and positions between the protocol and the peer contract. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  Position as PositionMessage,
  PositionSchema,
  ReadLevel as LevelMessage,
  ReadLevelSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { Position } from '../../replication/log-shape.ts';
import type { ReadLevel } from '../../replication/serving-reads.ts';

export function encodeLevel(level: ReadLevel): MessageInitShape<typeof ReadLevelSchema> {
  switch (level.kind) {
    case 'eventual':
      return { kind: { case: 'eventual', value: true } };
    case 'recent':
      return { kind: { case: 'recentSilenceMs', value: level.silenceMs } };
    case 'bounded':
      return { kind: { case: 'boundedStaleMs', value: level.staleMs } };
    case 'session':
      return { kind: { case: 'session', value: encodePosition(level.token) } };
    case 'linearizable':
      return { kind: { case: 'linearizable', value: true } };
  }
}

/** What this version does not know is answered by the strictest level. */
export function decodeLevel(message: LevelMessage | undefined): ReadLevel {
  const kind = message?.kind;
  switch (kind?.case) {
    case 'eventual':
      return { kind: 'eventual' };
    case 'recentSilenceMs':
      return { kind: 'recent', silenceMs: kind.value };
    case 'boundedStaleMs':
      return { kind: 'bounded', staleMs: kind.value };
    case 'session':
      return { kind: 'session', token: decodePosition(kind.value) };
    case 'linearizable':
    case undefined:
      return { kind: 'linearizable' };
  }
}

export function encodePosition({ sequence, epoch }: Position): MessageInitShape<typeof PositionSchema> {
  return { sequence, epoch };
}

/** Throws TypeError when there is none. */
export function decodePosition(message: PositionMessage | undefined): Position {
  if (message === undefined) throw new TypeError('an answer without a position');
  const { sequence, epoch } = message;
  return { sequence, epoch };
}

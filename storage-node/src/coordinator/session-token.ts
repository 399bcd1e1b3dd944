/**
 * A session as the text that clients carry: base64url of version (1), CRC-32 of the rest, then of each shard its key in 8 bytes big-endian,
 * epoch and sequence as base-128 varints. Opaque to clients; the sum tells a token that was cut or mixed up from one of ours.
 */
import { crc32 } from 'node:zlib';
import { BadInputError } from '../errors.ts';
import type { Position } from '../replication/log-shape.ts';
import { Session, sessionShardsMost } from './session.ts';

const version = 1;
const headBytes = 5;
const keyBytes = 8;
const varintBytesMost = 10;
/** Of the text. */
export const tokenLengthMost = Math.ceil(((headBytes + sessionShardsMost * (keyBytes + 2 * varintBytesMost)) * 4) / 3);

export function encodeSession({ positions }: Session): string {
  const body = Buffer.concat(Array.from(positions, ([key, position]) => shardBytes(key, position)));
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(version, 0);
  head.writeUInt32BE(crc32(body), 1);
  return Buffer.concat([head, body]).toString('base64url');
}

/** Throws BadInputError for what this version did not make. */
export function decodeSession(text: string): Session {
  if (text.length > tokenLengthMost) throw refused(`it has ${text.length} characters, at most ${tokenLengthMost} are possible`);
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw refused('it is not base64url');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < headBytes) throw refused('it is too short');
  if (bytes[0] !== version) throw refused(`it is of version ${bytes[0]}, this node knows version ${version}`);
  const body = bytes.subarray(headBytes);
  if (crc32(body) !== bytes.readUInt32BE(1)) throw refused('its sum does not fit: it was cut or changed on its way');
  return new Session(shardsOf(body));
}

function shardBytes(key: bigint, { epoch, sequence }: Position): Buffer {
  const bytes = Buffer.alloc(keyBytes);
  bytes.writeBigUInt64BE(key);
  return Buffer.concat([bytes, varint(epoch), varint(sequence)]);
}

function* shardsOf(body: Buffer): Generator<readonly [bigint, Position]> {
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = body[at];
      if (byte === undefined || shift > 63n) throw refused('it ends in the middle of a shard');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  for (let shards = 1; at < body.length; shards += 1) {
    if (shards > sessionShardsMost || at + keyBytes > body.length) throw refused('it ends in the middle of a shard');
    const key = body.readBigUInt64BE(at);
    at += keyBytes;
    const epoch = readVarint();
    yield [key, { epoch, sequence: readVarint() }];
  }
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function refused(because: string): BadInputError {
  return new BadInputError(`the session token cannot be read: ${because}. Send the one that the last answer brought, or none`);
}
